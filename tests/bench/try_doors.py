import os, subprocess, sys, tempfile, time
from pathlib import Path
from tests.bench.senders import *
from tests.standins.web import free_port
from workers.processes import accepts
from config.settings import load_settings
from workers.supervise import make_ready
N=int(sys.argv[1]) if len(sys.argv)>1 else 400
folder=Path(tempfile.mkdtemp())
port1,port2=free_port(),free_port()
bare=subprocess.Popen([sys.executable,"-m","tests.bench.bare_door",f"sqlite:///{folder}/bare.db",str(port1),TOKEN,PUBLIC_URL])
(folder/"p.toml").write_text(f'''
town = "ville-exemple"
public_url = "{PUBLIC_URL}"
languages = ["fr","en"]
[web]
port = {port2}
[twilio]
account_sid = "{ACCOUNT}"
auth_tokens = ["{TOKEN}"]
receives = "{NUMBER}"
sender = "{NUMBER}"
''')
os.environ["PORTEVOIX_SETTINGS"]=str(folder/"p.toml")
from config.settings import ENV_FILE
env={**os.environ, ENV_FILE:str(folder/"p.toml"),"PORTEVOIX_REDIS_URL":"redis://127.0.0.1:9/0"}
s=load_settings(folder/"p.toml",env={})
make_ready(s).close()
ours=subprocess.Popen([sys.executable,"-m","workers.web"],env=env)
while not (accepts("127.0.0.1",port1) and accepts("127.0.0.1",port2)): time.sleep(.1)
try:
    for _ in range(int(sys.argv[2]) if len(sys.argv)>2 else 3):
        a=send(port2,N,16); b=send(port1,N,16)
        print(f"ours {a.rate:.0f}/s p99 {a.percentile(.99)*1000:.0f} ms refused {a.refused}   bare {b.rate:.0f}/s p99 {b.percentile(.99)*1000:.0f} ms {b.refused}  ratio {a.rate/b.rate:.2f}", flush=True)
finally:
    ours.terminate(); bare.terminate()
