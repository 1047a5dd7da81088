"""A network between a client and a server on this machine that can go silent: nothing is refused or cut,
and nothing is passed on any more."""

import contextlib
import selectors
import socket
import threading


class SilentProxy:
    def __init__(self, server_port):
        self._server = ("127.0.0.1", server_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._speaking = threading.Event()
        self._speaking.set()
        self._generation = 0
        self._sockets = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self):
        """What is connected now is never heard of again; what connects from now on waits."""
        self._generation += 1
        self._speaking.clear()

    def speak(self):
        """New connections are passed on again."""
        self._speaking.set()

    def close(self):
        self._generation += 1
        self._speaking.set()
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client):
        # Before it waits: what was connected before a silence is not heard of after it.
        generation = self._generation
        self._speaking.wait()
        with contextlib.suppress(OSError), selectors.DefaultSelector() as ready:
            server = socket.create_connection(self._server)
            self._sockets.append(server)
            for one, other in ((client, server), (server, client)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                ready.register(one, selectors.EVENT_READ, other)
            while generation == self._generation:
                for key, _ in ready.select(0.02):
                    if generation != self._generation:
                        return
                    data = key.fileobj.recv(65_536)
                    if not data:
                        client.close()
                        server.close()
                        return
                    key.data.sendall(data)
