"""Named stand-ins for a speech engine's child process: ways to fail, and one that tells when it was told what."""

import sys

_READY = "import json,sys,time;print(json.dumps({'ready':True}),flush=True);"


def _child(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


engine_crashes_while_loading = _child("import sys;sys.exit('ERROR (Model) failed to read final.mdl')")
engine_crashes_while_hearing = _child(_READY + "sys.stdin.readline();import os;os.abort()")
engine_hangs_while_loading = _child("import time;time.sleep(600)")
engine_hangs_while_hearing = _child(_READY + "sys.stdin.readline();time.sleep(600)")
engine_is_not_installed = _child('print(\'{"missing": "vosk"}\', flush=True)')
engine_begins_at_the_first_region = _child(
    _READY + "read=sys.stdin.readline;read();read();began=time.time();read();read();"
    "word={'text':'x','confidence':1,'start':began,'end':time.time()};"
    "print(json.dumps({'words':[word],'skipped':0}),flush=True);read()"
)
