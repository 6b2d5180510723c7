"""Bodies that are neither JSON nor forms: text and bytes as they are."""

import schemathesis


@schemathesis.serializer("application/offset+octet-stream", "application/x-subrip", "text/vtt")
def as_it_is(ctx, value):
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return value if isinstance(value, bytes) else str(value).encode()
