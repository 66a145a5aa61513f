"""Hands one mail to the outgoing mail server."""

import smtplib
import ssl

from config.settings.sections.mail_section import Smtp
from workers.errors import MailNotReady, MailRefused, NotSetUp


def deliver_mail(smtp: Smtp, raw: bytes, *, to: str, envelope_sender: str) -> None:
    """Deliver ``raw`` to one recipient; an empty ``envelope_sender`` is the null reverse-path (RFC 5321 §4.5.5).

    Raises ``MailNotReady`` when nothing was sent and it may be tried again, ``MailRefused`` when
    it never will be taken, ``NotSetUp`` when a setting is at fault.
    """
    if not smtp.configured:
        raise NotSetUp("There is no outgoing mail server.", "Set smtp.host and smtp.sender.")
    try:
        with _connected(smtp) as server:
            server.sendmail(envelope_sender, [to], raw)
    except smtplib.SMTPAuthenticationError as error:
        raise NotSetUp("The mail server refuses the sign-in.", "Check smtp.user and smtp.password.") from error
    except smtplib.SMTPRecipientsRefused as error:
        # The error's own text is the recipient's address.
        raise _by_code(next(iter(error.recipients.values()))[0]) from None
    except smtplib.SMTPResponseException as error:
        raise _by_code(error.smtp_code) from error
    except smtplib.SMTPNotSupportedError as error:
        raise NotSetUp("The mail server lacks what the settings ask for.", "Check smtp.tls and smtp.user.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailNotReady(f"The mail server cannot be reached ({type(error).__name__}).") from error


def _connected(smtp: Smtp) -> smtplib.SMTP:
    tls = ssl.create_default_context(cafile=str(smtp.ca_file) if smtp.ca_file else None)
    server: smtplib.SMTP
    if smtp.tls == "ssl":
        server = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout_seconds, context=tls)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout_seconds)
    try:
        if smtp.tls == "starttls":
            server.starttls(context=tls)
        if smtp.user:
            server.login(smtp.user, smtp.password.get_secret_value())
    except BaseException:
        server.close()
        raise
    return server


def _by_code(code: int) -> MailNotReady | MailRefused:
    """A reply code of 5xx is final, everything else passes (RFC 5321 §4.2.1)."""
    if 500 <= code < 600:
        return MailRefused(f"The mail server refused it ({code}).")
    return MailNotReady(f"The mail server asks to wait ({code}).")
