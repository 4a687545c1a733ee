"""Output files: no key, no private host, few redirects, and every odd answer to a Range."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from scripted import CUT, Raw, ScriptedServer, Seen, answer

from seedance_widgets.api.files import Files
from seedance_widgets.api.hosts import proxy_for
from seedance_widgets.errors import FetchFailed

DATA = bytes(range(256)) * 40


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.say(answer(200, DATA, etag='"v1"'))
        yield server


@pytest.fixture
def files(server: ScriptedServer) -> Iterator[Files]:
    """For an API on loopback, so that loopback may also serve files."""
    files = Files(server.url, read_timeout_s=5.0)
    yield files
    files.close()


@pytest.fixture
def public() -> Iterator[Files]:
    """For the real API: loopback is out of bounds."""
    files = Files("https://www.seedance2.ink", read_timeout_s=5.0)
    yield files
    files.close()


def fetch(files: Files, url: str, **asked: Any) -> tuple[int, int | None, bytes]:
    with files.open(url, **asked) as stream:
        return stream.start, stream.total_bytes, b"".join(stream.chunks)


# --- what is sent -----------------------------------------------------------------------------------------------------
def test_a_file_is_fetched_without_any_key(files: Files, server: ScriptedServer) -> None:
    assert fetch(files, f"{server.url}/a.mp4?sign=1") == (0, len(DATA), DATA)
    (seen,) = server.requests
    assert (seen.method, seen.path) == ("GET", "/a.mp4?sign=1")
    assert set(seen.headers) <= {"host", "accept", "accept-encoding", "user-agent", "connection"}
    assert seen.headers["accept-encoding"] == "identity"


def test_the_name_of_the_version_is_told(files: Files, server: ScriptedServer) -> None:
    with files.open(f"{server.url}/a.mp4") as stream:
        assert stream.etag == '"v1"'


def test_a_rest_is_asked_for_with_the_version_it_belongs_to(files: Files, server: ScriptedServer) -> None:
    server.say(answer(206, DATA[100:], content_range=f"bytes 100-{len(DATA) - 1}/{len(DATA)}"))
    assert fetch(files, f"{server.url}/a.mp4", start=100, etag='"v1"') == (100, len(DATA), DATA[100:])
    assert server.requests[0].headers["range"] == "bytes=100-"
    assert server.requests[0].headers["if-range"] == '"v1"'


def test_a_whole_file_is_asked_for_without_a_range(files: Files, server: ScriptedServer) -> None:
    fetch(files, f"{server.url}/a.mp4", start=0, etag='"v1"')
    assert not {"range", "if-range"} & set(server.requests[0].headers)


# --- where we go ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/a.mp4",
        "ftp://files.example/a.mp4",
        "file:///etc/passwd",
        "data:video/mp4;base64,AAAA",
        "//files.example/a.mp4",
        "/a.mp4",
        "",
        "https://",
        "https://user:secret@files.example/a.mp4",
        "https://localhost/a.mp4",
        "https://127.0.0.1/a.mp4",
        "https://2130706433/a.mp4",
        "https://0x7f.1/a.mp4",
        "https://[::1]/a.mp4",
        "https://[::ffff:127.0.0.1]/a.mp4",
        "https://10.0.0.8/a.mp4",
        "https://169.254.169.254/latest/meta-data",
        "https://192.168.1.1/a.mp4",
        "https://[fd00::1]/a.mp4",
        "https://intranet/a.mp4",
        "https://printer.local/a.mp4",
        "https://metadata.google.internal/a.mp4",
        "https://localhost./a.mp4",
        "https://[bad/a.mp4",
        "https://files.example:99999/a.mp4",
        "https://a..b/x",
        "https://" + "a" * 70 + ".example/a.mp4",
        "https://files.exa\x7fmple/a.mp4",
        "https://files.example/a\x00.mp4",
    ],
)
def test_a_url_that_we_do_not_go_to_is_refused_before_anything_is_sent(public: Files, url: str) -> None:
    with pytest.raises(FetchFailed), public.open(url):
        pytest.fail("it was opened")


@pytest.mark.parametrize("host", ["127。0.0.1", "127.0.0。1", "169.254｡169.254"])
def test_a_private_address_in_other_letters_is_still_private(public: Files, host: str) -> None:
    with pytest.raises(FetchFailed), public.open(f"https://{host}/a.mp4"):
        pytest.fail("it was opened")


PRIVATE = {
    "decimal": "2130706433",
    "octal": "0177.0.0.1",
    "hexadecimal": "0x7f000001",
    "short": "127.1",
    "shorter": "10.1",
    "dotless hexadecimal": "0xa9fea9fe",
    "leading zeros": "010.0.0.1",
    "a dot at the end": "127.0.0.1.",
    "loopback of IPv6": "[::1]",
    "loopback written long": "[0:0:0:0:0:0:0:1]",
    "unspecified": "0.0.0.0",
    "unspecified of IPv6": "[::]",
    "mapped": "[::ffff:10.0.0.1]",
    "mapped in hexadecimal": "[::ffff:a00:1]",
    "compatible": "[::10.0.0.1]",
    "NAT64": "[64:ff9b::10.0.0.1]",
    "NAT64 of loopback": "[64:ff9b::7f00:1]",
    "NAT64, local prefix": "[64:ff9b:1::a00:1]",
    "6to4": "[2002:a00:1::]",
    "6to4 of link-local": "[2002:a9fe:a9fe::1]",
    "Teredo": "[2001:0:a00:1::1]",
    "link-local": "[fe80::1]",
    "link-local with a zone": "[fe80::1%25eth0]",
    "site-local": "[fec0::1]",
    "unique local": "[fd12:3456::1]",
    "metadata of a cloud": "169.254.169.254",
    "metadata of a cloud, IPv6": "[fd00:ec2::254]",
    "shared between customers": "100.64.0.1",
    "benchmarks": "198.18.0.1",
    "multicast": "224.0.0.1",
    "multicast of IPv6": "[ff02::1]",
    "broadcast": "255.255.255.255",
    "class E": "240.0.0.1",
    "private 10": "10.255.255.255",
    "private 172": "172.16.0.1",
    "private 192": "192.168.0.1",
}


@pytest.mark.parametrize("host", PRIVATE.values(), ids=PRIVATE)
def test_a_private_address_is_refused_however_it_is_written(public: Files, host: str) -> None:
    with pytest.raises(FetchFailed, match="private or local"), public.open(f"https://{host}/a.mp4"):
        pytest.fail("it was opened")


@pytest.mark.parametrize("host", PRIVATE.values(), ids=PRIVATE)
def test_a_redirect_to_a_private_address_is_refused(files: Files, server: ScriptedServer, host: str) -> None:
    server.say(answer(302, b"", location=f"https://{host}/a.mp4"))
    with pytest.raises(FetchFailed, match=r"private or local|broke"), files.open(f"{server.url}/a.mp4"):
        pytest.fail("it was opened")
    assert len(server.requests) == 1  # httpx itself gives up on some


PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
NOT_PROXIED = {
    "the host": "files.example",
    "a domain": ".example",
    "a domain without a dot": "example",
    "a star": "*",
    "a star and a domain": "*.example",
    "one of many": "a.example, files.example ,b.example",
    "the host and its port": "files.example:443",
    "capitals": "FILES.Example",
    "a URL": "https://files.example",
}


def in_environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("exception", NOT_PROXIED.values(), ids=NOT_PROXIED)
def test_what_goes_past_the_proxy_is_checked_for_private_addresses(
    monkeypatch: pytest.MonkeyPatch, name: str, exception: str
) -> None:
    """Seen: with HTTPS_PROXY and a NO_PROXY that fits, a private host was fetched."""
    in_environment(monkeypatch, **{name: "http://127.0.0.1:9", "NO_PROXY" if name.isupper() else "no_proxy": exception})
    files = Files("https://www.seedance2.ink", resolve=resolving("10.0.0.1"))
    with pytest.raises(FetchFailed, match="leads to a private"), files.open("https://files.example/a.mp4"):
        pytest.fail("it was opened")
    files.close()


@pytest.mark.parametrize(
    "exception", ["", "other.example", "xample", "wfiles.example", "files.example:8443", "10.0.0.0/8", "::1"]
)
def test_what_goes_through_the_proxy_is_resolved_by_the_proxy_alone(
    monkeypatch: pytest.MonkeyPatch, exception: str
) -> None:
    with ScriptedServer() as proxy:
        proxy.say(answer(502))
        in_environment(monkeypatch, HTTPS_PROXY=proxy.url, NO_PROXY=exception)
        files = Files("https://www.seedance2.ink", resolve=lambda *_, **__: pytest.fail("it was resolved"))
        with pytest.raises(FetchFailed, match="broke"), files.open("https://files.example/a.mp4"):
            pytest.fail("it was opened")
        files.close()
        assert [seen.method for seen in proxy.requests] == ["CONNECT"]


def test_what_goes_past_the_proxy_never_meets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that stands for the name is in no NO_PROXY: it must not be sent to the proxy for that."""
    with ScriptedServer() as proxy, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        in_environment(monkeypatch, HTTPS_PROXY=proxy.url, NO_PROXY="files.example")
        monkeypatch.setattr("seedance_widgets.api.files.is_private_host", lambda host: False)
        files = Files("https://www.seedance2.ink", resolve=resolving("127.0.0.1"))
        url = f"https://files.example:{closed.getsockname()[1]}/a.mp4"
        with pytest.raises(FetchFailed, match="broke"), files.open(url):
            pytest.fail("it was opened")
        files.close()
        assert proxy.connections == 0


@pytest.mark.parametrize(
    ("host", "exception", "goes_past"),
    [
        ("93.184.216.34", "93.184.0.0/16", True),
        ("93.184.216.34", "93.185.0.0/16", False),
        ("93.184.216.34", "93.184.216.34:443", True),
        ("93.184.216.34", "93.184.216.34:80", False),
        ("[2606:2800::1]", "2606:2800::/32", True),
        ("[2606:2800::1]", "[2606:2800::1]:443", True),
        ("[2606:2800::1]", "2606:2801::/32", False),
    ],
)
def test_an_address_goes_past_the_proxy_by_its_network(
    monkeypatch: pytest.MonkeyPatch, host: str, exception: str, goes_past: bool
) -> None:
    in_environment(monkeypatch, HTTPS_PROXY="http://proxy.example:3128", NO_PROXY=exception)
    assert (proxy_for(f"https://{host}/a.mp4") is None) is goes_past


def test_a_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch, HTTPS_PROXY="http://me:s3cret@127.0.0.1:9")
    files = Files("https://www.seedance2.ink")
    with pytest.raises(FetchFailed, match=r"proxy http://127\.0\.0\.1:9") as caught, files.open("https://f.example/a"):
        pytest.fail("it was opened")
    files.close()
    assert "s3cret" not in str(caught.value)


def test_a_proxy_that_cannot_be_used_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch, HTTPS_PROXY="gopher://me:s3cret@proxy.example")
    files = Files("https://www.seedance2.ink")
    with pytest.raises(FetchFailed, match="cannot be used") as caught, files.open("https://f.example/a"):
        pytest.fail("it was opened")
    files.close()
    assert "s3cret" not in str(caught.value)


def resolving(*addresses: str) -> Any:
    return lambda host, port, **_: [(2, 1, 6, "", (address, port)) for address in addresses]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "fe80::1", "100.64.0.1"],
)
@pytest.mark.parametrize("api", ["https://www.seedance2.ink", "http://127.0.0.1:8000"])
def test_a_name_that_leads_to_a_private_address_is_refused(api: str, address: str) -> None:
    files = Files(api, resolve=resolving(address))
    with pytest.raises(FetchFailed, match="leads to a private"), files.open("https://files.example/a.mp4"):
        pytest.fail("it was opened")
    files.close()


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"]
)
def test_the_address_that_was_checked_is_the_one_connected_to(address: str) -> None:
    files = Files("https://www.seedance2.ink", resolve=resolving(address))
    ((url, headers, extensions),) = files._pinned("https://files.example:8443/a.mp4?x=1")
    assert url == f"https://{f'[{address}]' if ':' in address else address}:8443/a.mp4?x=1"
    assert headers == {"Host": "files.example:8443"}
    assert extensions == {"sni_hostname": "files.example"}
    files.close()


def test_all_addresses_of_a_host_are_tried_and_each_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of two addresses is often one of IPv6 that leads nowhere from here."""
    files = Files(
        "https://www.seedance2.ink", resolve=resolving("2606::1", "10.0.0.1", "93.184.216.34", "93.184.216.34")
    )
    tried: list[str] = []

    def answers(request: httpx.Request) -> httpx.Response:
        tried.append(request.url.host)
        if ":" in request.url.host:
            raise httpx.ConnectError("no route")
        return httpx.Response(200, content=iter([b"\x00\x00\x00\x08free" + bytes(20)]))

    monkeypatch.setattr(files, "_client", lambda proxy: httpx.Client(transport=httpx.MockTransport(answers)))
    with files.open("https://files.example/a.mp4") as stream:
        assert b"".join(stream.chunks).startswith(b"\x00\x00\x00\x08free")
    assert tried == ["2606::1", "93.184.216.34"]
    files.close()


def test_a_line_that_breaks_after_the_server_was_reached_is_no_reason_for_another_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = Files("https://www.seedance2.ink", resolve=resolving("93.184.216.34", "93.184.216.35"))
    tried: list[str] = []

    def breaks(request: httpx.Request) -> httpx.Response:
        tried.append(request.url.host)
        raise httpx.ReadError("cut")

    monkeypatch.setattr(files, "_client", lambda proxy: httpx.Client(transport=httpx.MockTransport(breaks)))
    with pytest.raises(FetchFailed, match="broke"), files.open("https://files.example/a.mp4"):
        pytest.fail("it was opened")
    assert tried == ["93.184.216.34"]
    files.close()


def test_https_does_not_step_down_to_http_on_a_redirect(files: Files, server: ScriptedServer) -> None:
    with ScriptedServer() as other:
        server.say(answer(302, b"", location=f"http://files.example:{other.url.rpartition(':')[2]}/a.mp4"))
        with pytest.raises(FetchFailed, match="not https"), files.open(f"{server.url}/a.mp4"):
            pytest.fail("it was opened")
        assert other.connections == 0


def test_a_file_over_the_bound_is_refused_before_its_first_byte(server: ScriptedServer) -> None:
    files = Files(server.url, max_bytes=len(DATA) - 1)
    with pytest.raises(FetchFailed, match=f"more than {len(DATA) - 1} bytes"), files.open(f"{server.url}/a.mp4"):
        pytest.fail("it was opened")
    files.close()


def test_loopback_is_out_of_bounds_for_the_real_api(public: Files, server: ScriptedServer) -> None:
    with pytest.raises(FetchFailed, match="not https"), public.open(f"{server.url}/a.mp4"):
        pytest.fail("it was opened")
    assert server.connections == 0


def test_no_refusal_repeats_a_password_of_the_url(public: Files) -> None:
    with pytest.raises(FetchFailed) as caught, public.open("https://user:verysecret@files.example/a.mp4"):
        pytest.fail("it was opened")
    assert "verysecret" not in str(caught.value)


def test_three_redirects_are_followed_and_no_more(files: Files, server: ScriptedServer) -> None:
    def step(seen: Seen) -> Raw:
        number = int(seen.path.rpartition("/")[2])
        return answer(200, DATA) if number == 0 else answer(302, b"", location=f"/{number - 1}")

    server.say(step)
    assert fetch(files, f"{server.url}/3")[2] == DATA
    with pytest.raises(FetchFailed, match="more than 3"), files.open(f"{server.url}/4"):
        pytest.fail("it was opened")


@pytest.mark.parametrize(
    "location",
    ["http://files.example/a.mp4", "https://10.0.0.1/a.mp4", "file:///etc/passwd", "https://u:p@x.example/"],
)
def test_every_redirect_is_checked(files: Files, server: ScriptedServer, location: str) -> None:
    server.say(answer(302, b"", location=location))
    with pytest.raises(FetchFailed), files.open(f"{server.url}/a.mp4"):
        pytest.fail("it was opened")
    assert len(server.requests) == 1


@pytest.mark.parametrize("location", ["//[", "https://[bad/"])
def test_a_redirect_to_nonsense_is_a_failed_fetch(files: Files, server: ScriptedServer, location: str) -> None:
    server.say(answer(302, b"", location=location))
    with pytest.raises(FetchFailed), files.open(f"{server.url}/a.mp4"):
        pytest.fail("it was opened")


def test_a_range_is_kept_over_a_redirect(files: Files, server: ScriptedServer) -> None:
    rest = answer(206, DATA[9:], content_range=f"bytes 9-{len(DATA) - 1}/{len(DATA)}")
    server.say(answer(307, b"", location="/b.mp4"), rest)
    assert fetch(files, f"{server.url}/a.mp4", start=9)[0] == 9
    assert [seen.headers["range"] for seen in server.requests] == ["bytes=9-", "bytes=9-"]


# --- what comes back --------------------------------------------------------------------------------------------------
def test_a_server_that_knows_no_range_sends_the_whole_file(files: Files, server: ScriptedServer) -> None:
    assert fetch(files, f"{server.url}/a.mp4", start=100) == (0, len(DATA), DATA)


@pytest.mark.parametrize("text", ["bytes 50-99/100", "bytes */100", "nonsense", "bytes -5-9/10", ""])
def test_another_part_than_was_asked_for_is_refused(files: Files, server: ScriptedServer, text: str) -> None:
    server.say(answer(206, DATA, content_range=text))
    with pytest.raises(FetchFailed, match="another part"), files.open(f"{server.url}/a.mp4", start=100):
        pytest.fail("it was opened")


def test_a_part_that_is_not_the_last_does_not_look_like_the_end(files: Files, server: ScriptedServer) -> None:
    server.say(answer(206, DATA[100:200], content_range=f"bytes 100-199/{len(DATA)}"))
    with files.open(f"{server.url}/a.mp4", start=100) as stream:
        assert stream.total_bytes == len(DATA)


@pytest.mark.parametrize(
    ("status", "stale"),
    [(401, True), (403, True), (404, True), (410, True), (416, False), (400, False), (429, False), (500, False)],
)
def test_an_error_says_whether_a_fresh_url_may_help(
    files: Files, server: ScriptedServer, status: int, stale: bool
) -> None:
    server.say(answer(status))
    with pytest.raises(FetchFailed) as caught, files.open(f"{server.url}/a.mp4", start=5):
        pytest.fail("it was opened")
    assert caught.value.stale_url is stale


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_file_that_was_packed_unasked_is_refused(files: Files, server: ScriptedServer, encoding: str) -> None:
    server.say(answer(200, DATA, content_encoding=encoding))
    with pytest.raises(FetchFailed, match="compressed"), files.open(f"{server.url}/a.mp4"):
        pytest.fail("it was opened")


@pytest.mark.parametrize(
    "reply",
    [
        CUT,
        Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\nabc"),
        Raw(b"nonsense\r\n\r\n"),
        Raw(hang_s=1.0),
    ],
    ids=["cut", "cut within", "no HTTP", "late"],
)
def test_a_line_that_breaks_is_a_failed_fetch(server: ScriptedServer, reply: Raw) -> None:
    server.say(reply)
    files = Files(server.url, read_timeout_s=0.3)
    with pytest.raises(FetchFailed, match="broke"):
        fetch(files, f"{server.url}/a.mp4")
    files.close()


def test_a_length_that_is_not_said_is_not_invented(files: Files, server: ScriptedServer) -> None:
    server.say(Raw(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + DATA))
    assert fetch(files, f"{server.url}/a.mp4") == (0, None, DATA)


def test_an_error_of_the_reader_is_the_readers_own(files: Files, server: ScriptedServer) -> None:
    with pytest.raises(ZeroDivisionError), files.open(f"{server.url}/a.mp4"):
        raise ZeroDivisionError


def test_a_proxy_of_the_environment_is_not_asked_for_loopback(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        files = Files(server.url)
        assert fetch(files, f"{server.url}/a.mp4")[2] == DATA
        files.close()
        assert proxy.connections == 0
