"""The mail server takes mail over SMTP, serves it over IMAP with IDLE and TLS, and fails when told to."""

from __future__ import annotations

import shutil
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from imapclient import IMAPClient

from tests.standins.mailserver import MailServer

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin") is None,
        reason="Dovecot is not installed: apt install dovecot-imapd",
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with MailServer({"avis": "town-word", "soizic": "her-word", "yann": "his-word"}) as server:
        yield server


def letter(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "soizic@brest.example", "avis@brest.example", subject
    message.set_content("Il faudrait un abri à l'arrêt du bus.\n")
    return message


def test_smtp_to_idle_over_tls(server: MailServer) -> None:
    imap = server.imap
    with IMAPClient(imap.host, imap.tls_port, ssl=True, ssl_context=imap.client_context()) as client:
        client.login("avis", "town-word")
        client.select_folder("INBOX")
        client.idle()
        before = len(imap.messages("avis"))
        server.send(letter("abri"), "soizic@brest.example", "avis@brest.example")
        told = client.idle_check(timeout=10)
        client.idle_done()
        assert (before + 1, b"EXISTS") in told
        uid = client.search("ALL")[-1]
        raw = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    assert raw == imap.messages("avis")[-1]
    assert raw.startswith(b"Return-Path: <soizic@brest.example>\r\n")


def test_wrong_password(server: MailServer) -> None:
    with IMAPClient(server.imap.host, server.imap.port, ssl=False) as client, pytest.raises(Exception, match="AUTH"):
        client.login("avis", "another")


ENVELOPES = [
    pytest.param("", "yann@brest.example", True, id="a receipt with an empty sender"),
    pytest.param("x@elsewhere.example", "yann@brest.example", True, id="from elsewhere"),
    pytest.param("x@elsewhere.example", "nobody@brest.example", False, id="no such mailbox"),
]


@pytest.mark.parametrize(("sender", "to", "taken"), ENVELOPES)
def test_envelopes(server: MailServer, sender: str, to: str, taken: bool) -> None:
    before = len(server.imap.messages("yann"))
    if taken:
        server.send(letter("suite"), sender, to)
        assert server.handled[-1].sender == sender
    else:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            server.send(letter("suite"), sender, to)
    assert len(server.imap.messages("yann")) == before + taken


def test_faults_pass(server: MailServer) -> None:
    server.faults.refuse.append("451 4.3.0 Try again later")
    with pytest.raises(smtplib.SMTPDataError):
        server.send(letter("un"), "soizic@brest.example", "avis@brest.example")
    server.faults.hang_up = 1
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        server.send(letter("deux"), "soizic@brest.example", "avis@brest.example")
    server.send(letter("trois"), "soizic@brest.example", "avis@brest.example")
    assert b"Subject: trois" in server.imap.messages("avis")[-1]


def test_stopped_renumbered_and_back(server: MailServer) -> None:
    def validity() -> int:
        with IMAPClient(server.imap.host, server.imap.port, ssl=False) as client:
            client.login("soizic", "her-word")
            number: int = client.select_folder("INBOX")[b"UIDVALIDITY"]
            return number

    server.send(letter("gardé"), "yann@brest.example", "soizic@brest.example")
    before = validity()
    server.imap.stop()
    with pytest.raises(OSError, match="refused"):
        IMAPClient(server.imap.host, server.imap.port, ssl=False)
    server.imap.renumber("soizic")
    server.imap.start()
    assert validity() != before
    assert len(server.imap.messages("soizic")) == 1
