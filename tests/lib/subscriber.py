"""subscriber.py FILE: a subscriber to notifications on a loopback port, which it prints first. It answers the test of its URI, gives out a
token for ten minutes to client "me" with password "secret" (FILE.tokens has a line for each time), which it takes back once when there is FILE.revoked, and writes each notification to FILE, a line with how it was authenticated and its JSON."""
import base64, http.server, json, os, sys


class Subscriber(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(204)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        authorization = self.headers.get("Authorization", "-")
        if self.path == "/token":
            with open(sys.argv[1] + ".tokens", "a") as file:
                file.write("asked\n")
            good = authorization == "Basic " + base64.b64encode(b"me:secret").decode() and body == b"grant_type=client_credentials"
            return self.answer(200 if good else 401, {"access_token": "abc", "token_type": "bearer", "expires_in": 600} if good else {})
        if authorization == "Bearer abc" and os.path.exists(sys.argv[1] + ".revoked"):
            os.remove(sys.argv[1] + ".revoked")
            return self.answer(401)
        with open(sys.argv[1], "a") as file:
            file.write(json.dumps({"authorization": authorization, **json.loads(body)}) + "\n")
        self.answer(204)

    def answer(self, status, body=None):
        self.send_response(status)
        text = json.dumps(body).encode() if body is not None else b""
        if text:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Subscriber)
print(server.server_address[1], flush=True)
server.serve_forever()
