"""A scan simulator: prints a form, fills it by hand and spoils it as copiers, scanners and telephones do.

Everything follows from a seed. The mix was written down before anything was measured with it; what is marked as
held out is never looked at while the reader is tuned, and its figures are given apart.

Hands, of 100 pages:

=========================  ====
crosses                      30
ticks                        28
one line through the box      8
dots of 1.3 mm and more       7
boxes filled in               9
loops                         6
scrawls of several strokes    5
*held out*: short double strokes, by a shaking hand    7
=========================  ====

Pens, of 100 pages: ballpoint 47, felt pen 13, pencil 14, **faint** (hard pencil, pale or dying pen: 14 to 26 % of the
paper's light at its darkest) 18, worn pen that skips 8. Of 100 boxes of a page 5 to 25 are marked.

Of 100 pages 16 have one to three **boxes scribbled out**: marked as this hand marks, then filled over in two or three
passes. A hand that fills in boxes scribbles over their edges. Of 100 pages 10 have strokes that went astray near boxes.

Machines, of 100 pages: grey scanner 26, black-and-white scanner 10, fax-like (100 dpi, hard JPEG) 6, **photocopy** of
the filled sheet 8, **photocopy of a photocopy** 12, **photo** by telephone 20 (tilt to 25°, shade to 70 %, curl to
5 mm, blur), dirty scanner (streaks, folds, staple, coffee, smudges) 11, *held out*: a colour scanner with sharpening
and show-through 7. Of the scanned ones, resolutions 100, 150, 200 and 300 dpi as 1 : 3 : 5 : 6; skew to 3°, scale 0.96
to 1.04, shifted by up to 6 mm, each quarter turn of 100 pages 8 (upright the rest); JPEG quality 35 to 92.

A mark that a copy of a copy leaves with less than 5 % of the paper's light is no mark any more: it is not counted,
whatever is read in it.
"""
