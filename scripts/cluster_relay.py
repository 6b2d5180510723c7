"""Lines between programs that can be cut and silenced, in a process of its own: it must not wait for what tests do.

  cluster_relay.py NAME:PORT:TARGET …     listens on PORT of 127.0.0.1 and hands on to TARGET

Told on standard input, a line each, answered by a line:

  cut NAME …        refuses connections and drops those that there are
  silence NAME …    takes connections and passes nothing, in either direction
  mend NAME …       as at the beginning; what was silenced goes on
"""

import asyncio
import sys


class Line:
    def __init__(self, port, target):
        self.port, self.target = port, target
        self.listener, self.ends, self.passes = None, set(), asyncio.Event()

    async def mend(self):
        self.passes.set()
        if self.listener is None:
            self.listener = await asyncio.start_server(self.taken, "127.0.0.1", self.port, backlog=512)

    def cut(self):
        if self.listener is not None:
            self.listener.close()
            self.listener = None
        self.passes.set()
        for end in list(self.ends):
            end.transport.abort()

    async def taken(self, reader, writer):
        self.ends.add(writer)
        there = None
        try:
            await self.passes.wait()
            if writer.is_closing():
                return
            back, there = await asyncio.open_connection("127.0.0.1", self.target)
            self.ends.add(there)
            # Cut while it was being made.
            if self.listener is None:
                return
            await asyncio.gather(self.hand_on(reader, there), self.hand_on(back, writer))
            writer.close()
            there.close()
        except OSError:
            pass
        finally:
            for end in (writer, there):
                if end is not None:
                    self.ends.discard(end)
                    if not end.is_closing():
                        end.transport.abort()

    async def hand_on(self, reader, writer):
        while data := await reader.read(65536):
            await self.passes.wait()
            writer.write(data)
            await writer.drain()
        await self.passes.wait()
        if writer.can_write_eof():
            writer.write_eof()


async def main(words):
    lines = {}
    for word in words:
        name, port, target = word.split(":")
        lines[name] = Line(int(port), int(target))
        await lines[name].mend()
    loop = asyncio.get_running_loop()
    told = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    print("ready", flush=True)
    while order := (await told.readline()).decode().split():
        for name in order[1:]:
            line = lines[name]
            if order[0] == "cut":
                line.cut()
            elif order[0] == "silence":
                line.passes.clear()
            else:
                await line.mend()
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
