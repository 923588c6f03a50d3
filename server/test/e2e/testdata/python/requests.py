"""Stands in for the requests library where it is not installed: the same request line, headers and body."""

from http.client import HTTPConnection
from urllib.parse import urlsplit


class Response:
    def __init__(self, status, text):
        self.status_code = status
        self.text = text


def post(url, data, headers):
    parts = urlsplit(url)
    sent = {
        "User-Agent": "python-requests/2.28.1",
        "Accept-Encoding": "gzip, deflate",
        "Accept": "*/*",
        "Connection": "keep-alive",
        **headers,
    }
    connection = HTTPConnection(parts.netloc)
    connection.request("POST", parts.path, data.encode(), sent)
    reply = connection.getresponse()
    return Response(reply.status, reply.read().decode())
