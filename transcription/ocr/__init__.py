"""How print lies in a picture: the sheets' outlines, their lines and the order of these, and ink that no word is."""
