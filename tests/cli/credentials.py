# SPDX-License-Identifier: Apache-2.0
# A registry on the loopback interface that asks for a name and a password and notes what it is sent. Each row is a set of
# files; skopeo sends what the library finds for the same name. TAP.
import base64, http.server, os, shutil, subprocess, sys, tempfile, threading

driver = os.path.abspath(sys.argv[1])
seen = []


class Registry(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/v2/":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
        else:
            seen.append(self.headers.get("Authorization"))
            self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
threading.Thread(target=server.serve_forever, daemon=True).start()
host = f"127.0.0.1:{server.server_port}"


def b64(text):
    return base64.b64encode(text.encode("latin-1")).decode()


def auths(*entries):
    return '{"auths":{' + ",".join(f'"{key}":{value}' for key, value in entries) + "}}"


def entry(text, more=""):
    return '{"auth":"' + b64(text) + '"' + more + "}"


U, V = entry("u:p"), entry("v:q")
MISSING = "credentials not found in native keychain"
MINE, RUN, CONFIG, DOCKER, LEGACY = ("mine.json", "run/containers/auth.json", "home/.config/containers/auth.json",
                                     "home/.docker/config.json", "home/.dockercfg")
HOST, NS, APP = "HOST", "HOST/ns", "HOST/ns/app"

# name, expected user ("" for none, None for an error), {file: text}, [environment,] [helpers]
one_file = [
    ("the host", "u", auths((HOST, U))),
    ("the namespace before the host", "v", auths((HOST, U), (NS, V))),
    ("the repository before the namespace", "v", auths((NS, U), (APP, V))),
    ("another repository", "u", auths((HOST, U), (APP + "2", V))),
    ("an empty entry ends the search", "", auths((HOST, U), (NS, "{}"))),
    ("a null entry ends the search", "", auths((HOST, U), (NS, "null"))),
    ("another port", "", auths(("127.0.0.1:1", U))),
    ("no port", "", auths(("127.0.0.1", U))),
    ("a tag", "", auths((APP + ":v1", U))),
    ("a slash behind the host", "", auths((HOST + "/", U))),
    ("a URL", "u", auths(("https://HOST", U))),
    ("a URL with a path", "u", auths(("http://HOST/v1/", U))),
    ("the host before a URL", "v", auths(("https://HOST", U), (HOST, V))),
    ("a URL of another scheme", "", auths(("ftp://HOST", U))),
    ("the last of two keys", "v", auths((HOST, U), (HOST, V))),
    ("two maps add up", "v", '{"auths":{"HOST":%s},"AUTHS":{"HOST/ns":%s}}' % (U, V)),
    ("a null takes a map away", "", '{"auths":{"HOST":%s},"auths":null}' % U),
    ("names in any case", "u", '{"Auths":{"HOST":{"AUTH":"%s"}}}' % b64("u:p")),
    ("unknown members", "u", '{"credsStore":"x","auths":{"HOST":{"auth":"%s","email":1}}}' % b64("u:p")),
    ("name and password in the clear", "", auths((HOST, '{"username":"u","password":"p"}'))),
    ("colons in the password", "u", auths((HOST, entry("u:p:q:")))),
    ("NULs round the password", "u", auths((HOST, entry("u:\0p\0\0")))),
    ("newlines in base64", "u", auths((HOST, '{"auth":"dT\\npw\\r\\n"}'))),
    ("bytes that are no UTF-8", "u", auths((HOST, entry("u:\xff\xfe")))),
    ("no colon", "", auths((HOST, entry("up")))),
    ("no password", "u", auths((HOST, entry("u:")))),
    ("no user", "", auths((HOST, entry(":p")))),
    ("neither", "", auths((HOST, entry(":\0")))),
    ("an identity token beside a pair", "u", auths((HOST, entry("u:p", ',"identitytoken":"t"')))),
    ("an identity token alone", "", auths((HOST, '{"identitytoken":"t"}'))),
    ("no padding", None, auths((HOST, '{"auth":"dTpwcQ"}'))),
    ("bad base64 of another host", "u", auths((HOST, U), ("other.example", '{"auth":"!"}'))),
    ("a number for auth", None, auths((HOST, '{"auth":1}'))),
    ("a number for auth of another host", None, auths((HOST, U), ("other.example", '{"auth":1}'))),
    ("an array of entries", None, '{"auths":[]}'),
    ("an empty file", None, ""),
    ("bytes behind the document", None, auths((HOST, U)) + "x"),
    ("null", "", "null"),
    ("a helper", "h", '{"auths":{"HOST":%s},"credHelpers":{"HOST":"good"}}' % U),
    ("a helper that has none", "", '{"auths":{"HOST":%s},"credHelpers":{"HOST":"none"}}' % U),
    ("a helper that fails", None, '{"auths":{"HOST":%s},"credHelpers":{"HOST":"bad"}}' % U),
    ("a helper with garbage", None, '{"credHelpers":{"HOST":"garbage"}}'),
    ("a helper with more than an answer", "h", '{"credHelpers":{"HOST":"long"}}'),
    ("a helper that is missing", None, '{"credHelpers":{"HOST":"missing"}}'),
    ("a helper of a namespace", "u", '{"auths":{"HOST":%s},"credHelpers":{"HOST/ns":"good"}}' % U),
]
rows = [(name, user, {MINE: text}, {"REGISTRY_AUTH_FILE": "ROOT/" + MINE}, []) for name, user, text in one_file] + [
    ("no file", "", {}, {}, []),
    ("an explicit file that is missing", "", {RUN: auths((HOST, U))}, {"REGISTRY_AUTH_FILE": "ROOT/" + MINE}, []),
    ("the runtime directory first", "v", {RUN: auths((HOST, V)), CONFIG: auths((HOST, U))}, {}, []),
    ("then the configuration", "v", {CONFIG: auths((HOST, V)), DOCKER: auths((HOST, U))}, {}, []),
    ("then Docker's", "v", {DOCKER: auths((HOST, V)), LEGACY: '{"HOST":%s}' % U}, {}, []),
    ("then the legacy file", "u", {LEGACY: '{"HOST":%s}' % U}, {}, []),
    ("the legacy file has hosts alone", "u", {LEGACY: '{"HOST":%s,"HOST/ns/app":%s}' % (U, V)}, {}, []),
    ("the legacy file with a path", "u", {LEGACY: '{"HOST/v1/":%s}' % U}, {}, []),
    ("an empty entry moves on", "u", {RUN: auths((HOST, "{}")), DOCKER: auths((HOST, U))}, {}, []),
    ("a user without a password does not", "u", {RUN: auths((HOST, entry("u:"))), DOCKER: auths((HOST, V))}, {}, []),
    ("a helper's user without a password does not", "h",
     {RUN: '{"credHelpers":{"HOST":"half"}}', DOCKER: auths((HOST, V))}, {}, []),
    ("a broken file does not", None, {RUN: "{", DOCKER: auths((HOST, U))}, {}, []),
    ("a helper that has none moves on", "u", {RUN: '{"credHelpers":{"HOST":"none"}}', DOCKER: auths((HOST, U))}, {}, []),
    ("XDG_CONFIG_HOME", "u", {"other/containers/auth.json": auths((HOST, U)), CONFIG: auths((HOST, V))},
     {"XDG_CONFIG_HOME": "ROOT/other"}, []),
    ("DOCKER_CONFIG", "u", {"other/config.json": auths((HOST, U)), DOCKER: auths((HOST, V))},
     {"DOCKER_CONFIG": "ROOT/other"}, []),
    ("a runtime directory that is missing", "u", {CONFIG: auths((HOST, U))}, {"XDG_RUNTIME_DIR": "ROOT/nowhere"}, []),
    ("a configured helper", "h", {RUN: auths((HOST, U))}, {}, ["good"]),
    ("files before a helper", "u", {RUN: auths((HOST, U))}, {}, ["containers-auth.json", "good"]),
    ("a helper that fails, and another", "h", {}, {}, ["bad", "good"]),
    ("a helper that fails, and files without any", None, {}, {}, ["bad", "containers-auth.json"]),
]


def make_files(root, files):
    for name, text in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("HOST", host))
        os.chmod(path, 0o600)


def make_helpers(root):
    for name, script in {"good": """echo '{"Username":"h","Secret":"s"}'""", "none": f"echo '{MISSING}'; exit 1",
                         "half": """echo '{"Username":"h"}'""", "bad": "echo no; exit 1", "garbage": "echo garbage",
                         "long": """echo '{"Username":"h","Secret":"s"} {'"""}.items():
        path = os.path.join(root, "docker-credential-" + name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ncat >/dev/null\n{script}\n")
        os.chmod(path, 0o700)


def surroundings(root, environment, helpers):
    configuration = os.path.join(root, "registries.conf")
    with open(configuration, "w", encoding="utf-8") as file:
        if helpers:
            file.write("credential-helpers = [" + ", ".join(f'"{helper}"' for helper in helpers) + "]\n")
    return configuration, {"PATH": f"{root}/bin:/usr/bin:/bin", "HOME": f"{root}/home", "XDG_RUNTIME_DIR": f"{root}/run",
                           "LC_ALL": "C.UTF-8",
                           **{name: value.replace("ROOT", root) for name, value in environment.items()}}


def ask_skopeo(configuration, env):
    seen.clear()
    said = subprocess.run(["skopeo", "--registries-conf", configuration, "inspect", "--tls-verify=false", f"docker://{host}/ns/app:v1"], env=env,
                          capture_output=True, text=True, timeout=60)
    return (seen[0] if seen else "error"), said.stderr


def ask_us(env, helpers):
    said = subprocess.run([driver, f"{host}/ns/app:v1", *helpers], env=env, capture_output=True, text=True, timeout=60)
    answer = said.stdout.strip()
    if answer.startswith("error: "):
        return "error", answer
    # A registry that asks is sent something, also where there is nothing.
    return ("Basic " + b64(":") if answer == "none" else answer), answer + said.stderr


def user_of(header):
    return None if header == "error" else base64.b64decode(header.split()[1]).decode("latin-1").partition(":")[0]


failed = 0
for number, (name, user, files, environment, helpers) in enumerate(rows, 1):
    root = tempfile.mkdtemp(prefix="sigpolicy-cli.")
    try:
        for directory in "bin", "home", "run":
            os.mkdir(os.path.join(root, directory))
        make_files(root, files)
        make_helpers(os.path.join(root, "bin"))
        configuration, env = surroundings(root, environment, helpers)
        theirs, their_words = ask_skopeo(configuration, env)
        ours, our_words = ask_us(env, helpers)
    finally:
        shutil.rmtree(root)
    if ours == theirs and user_of(ours) == user:
        print(f"ok {number} - {name}")
    else:
        failed += 1
        print(f"not ok {number} - {name}\n# expected {user}; skopeo: {theirs}; we: {ours}")
        print("\n".join("# " + line for line in (their_words + "\n" + our_words).splitlines()))
print(f"1..{len(rows)}")
server.shutdown()
