"""What is secret of an argument in XML, netrc or the words of a shell is known by its place."""

from __future__ import annotations

import pytest
from mcp_sdkgen_runtime.config.command_line import shown_args
from mcp_sdkgen_runtime.config.secret_values import secret_values
from mcp_sdkgen_runtime.config.targets import StdioTarget
from mcp_sdkgen_runtime.observability.secret_set import SecretSet


def check(words: list[str], secret: str, shown: str) -> None:
    target = StdioTarget(words[0], tuple(words[1:]))
    assert " ".join(shown_args(words)) == shown
    assert secret not in repr(target)
    assert secret not in SecretSet(secret_values(target)).text(f"it said {secret}.")


@pytest.mark.parametrize(
    ("text", "secret", "shown"),
    [
        ("<pin><![CDATA[hu<nt]]></pin>", "hu<nt", "<pin><![CDATA[***]]></pin>"),
        ("<pin>hu<![CDATA[nt]]>3r</pin>", "hunt3r", "<pin>***<![CDATA[***]]>***</pin>"),
        ('<add value="hunt3r" name="Pin"/>', "hunt3r", '<add value="***" name="Pin"/>'),
        ('<add name="Pin" x="y" value="hunt3r">', "hunt3r", '<add name="Pin" x="y" value="***">'),
        ("<a id='Pin' value='hu>nt' />", "hu>nt", "<a id='Pin' value='***' />"),
        ('<add key = "Pin" value = "hu&lt;nt"/>', "hu<nt", '<add key = "***" value = "***"/>'),
        ("<password><value>hunt3r</value></password>", "hunt3r",
         "<password><value>***</value></password>"),
        ('<setting name="password"><value>hunt3r</value></setting>', "hunt3r",
         '<setting name="password"><value>***</value></setting>'),
        ('<entry key="db.password">hunt3r</entry>', "hunt3r",
         '<entry key="***">***</entry>'),
        ("<dict><key>pin</key><string>hunt3r</string></dict>", "hunt3r",
         "<dict><key>***</key><string>***</string></dict>"),
        ("<!-- why --><pin>hunt3r</pin>", "hunt3r", "<!-- why --><pin>***</pin>"),
        ("<pin><!-- why -->hunt3r</pin>", "hunt3r", "<pin><!-- why -->***</pin>"),
        ("<pin>hu<!-- why -->nt3r</pin>", "hunt3r", "<pin>***<!-- why -->***</pin>"),
        ("<a><!-- <pin>hunt3r</pin> --></a>", "hunt3r", "<a><!-- <pin>***</pin> --></a>"),
        ("<!-- <pin>hunt3r</pin>", "hunt3r", "<!-- <pin>***</pin>"),
        ('<a x:password="hunt3r"/>', "hunt3r", '<a x:password="***"/>'),
        ('<x:password value="hunt3r"/>', "hunt3r", '<x:password value="***"/>'),
        (f'<pin a="{"b" * 300}">hunt3r</pin>', "hunt3r", f'<pin a="{"b" * 300}">***</pin>'),
        ("<pin>hunt3r</pni></a>", "hunt3r", "<pin>***</pni></a>"),
        ("<pin>hunt3r<br></pin>", "hunt3r", "<pin>***<br></pin>"),
        ("<pin>hu<3nt</pin>", "hu<3nt", "<pin>*********</pin>"),
        ("<?xml version='1.0'?>\n<c>\n <pin>\n  hunt3r\n </pin></c>", "hunt3r",
         "<?xml version='1.0'?>\n<c>\n <pin>***</pin></c>"),
        ('--xml=<pin value="hunt3r"/>', "hunt3r", '--xml=<pin value="***"/>'),
        ("<pin>https://host/s?q=hunt3r-9</pin>", "hunt3r-9", "<pin>***</pin>"),
    ],
)  # fmt: skip
def test_a_secret_of_xml_is_known_by_the_names_around_it(
    text: str, secret: str, shown: str
) -> None:
    check(["server", text], secret, f"server {shown}")


@pytest.mark.parametrize(
    ("text", "secret", "shown"),
    [
        ("machine h login me account acct-7 password hunt3r", "hunt3r",
         "machine h login me account *** password ***"),
        ("machine h login me account acct-7 password hunt3r", "acct-7",
         "machine h login me account *** password ***"),
        ("machine h password hunt3r login me", "hunt3r", "machine h password *** login me"),
        ("machine h\n\tpassword hunt3r\n\tlogin me", "hunt3r",
         "machine h\n\tpassword ***\n\tlogin me"),
        ("default login me password hunt3r", "hunt3r", "default login me password ***"),
        ('machine h login me password "hunt 3r"', "hunt 3r", "machine h login me password ***"),
        ("machine a password x machine b login me password hunt3r", "hunt3r",
         "machine a password *** machine b login me password ***"),
    ],
)  # fmt: skip
def test_a_secret_of_netrc_is_known_in_any_order(text: str, secret: str, shown: str) -> None:
    check(["server", text], secret, f"server {shown}")


@pytest.mark.parametrize(
    ("words", "secret", "shown"),
    [
        (["curl", "-sSu", "me:hunt3r"], "hunt3r", "curl -sSu me:***"),
        (["curl", "-fsSLu", "me:hunt3r"], "hunt3r", "curl -fsSLu me:***"),
        (["curl", "-sSume:hunt3r"], "hunt3r", "curl -sSume:***"),
        (["curl", "-sH", "X-Pin: 4711"], "4711", "curl -sH X-Pin: ***"),
        (["curl", "-sSb", "sid=hunt3r"], "hunt3r", "curl -sSb ***"),
        (["docker", "run", "-ite", "ACME=hunt3r-9"], "hunt3r-9", "docker run -ite ACME=***"),
        (["zip", "-rP", "hunt3r", "a.zip"], "hunt3r", "zip -rP *** a.zip"),
        (["ldapsearch", "-xw", "hunt3r"], "hunt3r", "ldapsearch -xw ***"),
        (["sh", "-c", "srv --x $(printf %s hunt3r)"], "hunt3r",
         "sh -c srv --x $ ( printf %s *** )"),
        (["sh", "-c", "srv --x $(echo -n hunt3r)"], "hunt3r", "sh -c srv --x $ ( echo -n *** )"),
        (["sh", "-c", "srv --x `echo hunt3r`"], "hunt3r", "sh -c srv --x ` echo *** `"),
        (["sh", "-c", "X=`printf '%s\\n' 'hu nt'` srv"], "hu nt",
         "sh -c X= ` printf %s\\n *** ` srv"),
        (["bash", "-c", "srv --file <(echo hunt3r)"], "hunt3r",
         "bash -c srv --file <( echo *** )"),
        (["bash", "-c", "srv <<< hunt3r"], "hunt3r", "bash -c srv <<< ***"),
        (["bash", "-c", "srv <<<'hu nt'"], "hu nt", "bash -c srv <<< ***"),
        (["bash", "-c", "TOKEN=$'hunt3r' srv"], "hunt3r", "bash -c TOKEN=*** srv"),
        (["bash", "-c", r"TOKEN=$'hu\x6et\'s' srv"], "hunt's", "bash -c TOKEN=*** srv"),
        (["bash", "-c", r"srv --pin $'h\u00fcnt'"], "h\u00fcnt", "bash -c srv --pin ***"),
        (["bash", "-c", "TOKEN='hunt$' srv 'x'"], "hunt$", "bash -c TOKEN=*** srv x"),
    ],
)  # fmt: skip
def test_a_secret_in_a_form_of_the_shell_is_known(
    words: list[str], secret: str, shown: str
) -> None:
    check(words, secret, shown)


@pytest.mark.parametrize(
    "words",
    [
        ["curl", "-sSLo", "file", "-fsS", "words", "https://host/path"],
        ["curl", "-sSu", "1000:1000"],
        ["docker", "run", "-it", "image", "-dit", "words"],
        ["snmpget", "-v2c", "host"],
        ["sh", "-c", "echo starting words && X=`date` srv; srv $(cat words)"],
        ["sh", "-c", "srv $(echo $WORDS) <<< $WORDS"],
    ],
)
def test_what_is_no_secret_in_a_form_of_the_shell_is_shown(words: list[str]) -> None:
    assert shown_args(words) == words


@pytest.mark.parametrize(
    "text",
    [
        "usage: server --token <token> --name <name> <file",
        '<a><name>pin</name></a> <add value="words" name="Title"/><b title="x">words</b>',
        "<a><name>title</name><string>words</string></a>",
        "a < b and c > d; <!-- words --> <![CDATA[words]]>",
        "the default account savings and a machine with a login",
    ],
)
def test_what_is_no_secret_of_xml_or_of_a_sentence_is_shown(text: str) -> None:
    assert shown_args(["server", text]) == ["server", text]
    assert SecretSet(secret_values(StdioTarget("server", (text,)))).text(text) == text


@pytest.mark.parametrize("part", ["<!--", "<![CDATA[", "<pin ", "<pin>", '<a b="', "</pin>", "<"])
def test_what_is_never_closed_is_read_once(part: str) -> None:
    many = part * 50_000
    assert "hunt3r" not in " ".join(shown_args(["server", f"{many}<pin>hunt3r</pin>"]))
