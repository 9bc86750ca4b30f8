"""Which URLs may be told, and which addresses belong to the public internet."""

from ipaddress import ip_address

import pytest

from rules.web_address import URL_LENGTH, is_public, url_errors, web_address

PATH = ("endpoints", "0", "url")
PRIVATE = [
    "0.0.0.0",  # noqa: S104  # nothing listens here
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "::ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.1",
    "223.255.255.255",
    "2001:200::1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
PRIVATE_FORMS = [
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/hook",
    "https://10.1.2.3/",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[fe80::1]:81/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://0/",
    "http://0x/",
    "http://127.0.0.1./",
    "http://localhost/",
    "http://LOCALHOST:8000/",
    "http://localhost./",
    "http://shop.localhost/",
]
NO_URLS = [
    "",
    " ",
    "hooks.example",
    "//hooks.example/",
    "ftp://hooks.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://",
    "http:///path",
    "http://:80/",
    "https://?query",
    "https://user@hooks.example/",
    "https://user:password@hooks.example/",
    "https://@hooks.example/",
    "https://hooks.example:0/",
    "https://hooks.example:65536/",
    "https://hooks.example:x/",
    "https://hooks.example:-1/",
    "https://hooks example/",
    "https://hooks.example/a b",
    "https://hooks.example/\n",
    "https://hooks.example/\0",
    "https://hooks.example/\x7f",
    "https://hooks.example/ä",
    "https://hööks.example/",
    "https://hooks.example/\ud800",
    "https://hooks%2eexample/",
    "https://hooks..example/",
    "https://.example/",
    "https://-hooks.example/",
    "https://" + "x" * 64 + ".example/",
    "https://" + "x." * 130 + "example/",
    "https://a\\b/",
    "https://[::1/",
    "https://::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[v1.x]/",
    "https://[hooks.example]/",
    "https://hooks.example/" + "x" * URL_LENGTH,
]
URLS = [
    "https://hooks.example",
    "http://hooks.example:8080/a;b/c?d=e;f&g=%20#h",
    "HTTPS://Hooks.Example./",
    "https://xn--hks-tna.example/",
    "https://under_score.example/",
    "https://1.1.1.1:8443/",
    "https://[2606:4700:4700::1111]:8443/",
    "https://256.256.256.256/",
    "https://08.8.8.8/",
    "https://1.2.3.4.5/",
    "https://localhost.example/",
    "https://hooks.example/" + "x" * (URL_LENGTH - 22),
]


def codes(url: str, *, may_be_private: bool = False) -> list[str]:
    """The codes of what is wrong with a URL; each has the path and shows nothing of the URL."""
    errors = list(url_errors(url, PATH, may_be_private=may_be_private))
    assert all(error.path == PATH for error in errors)
    assert not any("hooks" in error.message for error in errors)
    return [error.code for error in errors]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_a_special_purpose_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("url", PRIVATE_FORMS)
def test_a_private_address_is_seen_in_every_form_unless_it_is_allowed(url: str) -> None:
    assert codes(url) == ["PRIVATE_ADDRESS"]
    assert codes(url, may_be_private=True) == []


@pytest.mark.parametrize("url", NO_URLS, ids=lambda url: ascii(url)[:40])
def test_what_is_no_url_of_the_web_is_refused(url: str) -> None:
    assert codes(url) == ["INVALID_URL"]
    assert codes(url, may_be_private=True) == ["INVALID_URL"]


@pytest.mark.parametrize("url", URLS, ids=lambda url: url[:40])
def test_a_public_url_is_taken(url: str) -> None:
    assert codes(url) == []


def test_a_request_is_made_of_what_the_url_says_without_its_fragment() -> None:
    plain = web_address("http://Hooks.example:8080/a;b/c?d=e;f&g=%20#h")
    assert (plain.scheme, plain.authority, plain.target) == ("http", "hooks.example:8080", "/a;b/c?d=e;f&g=%20")
    bare = web_address("https://hooks.example?x")
    assert (bare.authority, bare.target) == ("hooks.example", "/?x")
    v6 = web_address("https://[2606:4700::1]:8443")
    assert (v6.host, v6.authority, v6.target) == ("2606:4700::1", "[2606:4700::1]:8443", "/")
