"""The settings: SALABLE_* variables of the environment, read once, each with a sane default."""

import os
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from models.address import CONNECTIONS, FEWEST_CONNECTIONS, DatabaseAddress, parse_address
from models.deadline import READ_SECONDS, WRITE_SECONDS, Patience
from models.timeouts import Timeouts
from server.mail.smtp_address import Mailbox, SmtpAddress, parse_mailbox, parse_smtp_url

PREFIX = "SALABLE_"
SHORT_TOKEN = 16
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what would be right, never its value."""


class Settings(BaseSettings):
    """What the environment says; a field `x` is the variable SALABLE_X."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: SecretStr = SecretStr("sqlite:///salable.db")
    database_direct_url: SecretStr | None = None
    database_pooler: Literal["none", "transaction"] = "none"
    database_connections: int = Field(default=CONNECTIONS, ge=FEWEST_CONNECTIONS, le=1_000)
    database_seconds: float = Field(default=10, ge=0.2, le=600)
    admin_token: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    log_level: str = "info"
    deliver: bool = True
    delivery_seconds: float = Field(default=1, gt=0, le=60)
    keep_deliveries_days: int = Field(default=30, ge=1, le=3650)
    receipt_key_days: int = Field(default=30, ge=1, le=3650)
    graphiql: bool = True
    shop_token: SecretStr | None = None
    webhook_private: bool = False
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    smtp_url: SecretStr | None = None
    mail_from: str = Field(default="", validate_default=True)
    mail_templates: Path | None = None
    digest_minutes: int = Field(default=15, ge=0, le=1440)
    demo_mails: Path | None = None  # set by the demo alone: the folder of the mails that its catcher keeps
    live_connections: int = Field(default=1_000, ge=0, le=100_000)
    live_connections_per_address: int = Field(default=100, ge=1, le=100_000)
    live_subscriptions: int = Field(default=20, ge=1, le=1_000)
    live_skus: int = Field(default=2_000, ge=1, le=1_000_000)
    live_message_kib: int = Field(default=128, ge=1, le=2_048)
    live_messages: int = Field(default=500, ge=10, le=1_000_000)
    live_idle_seconds: float = Field(default=60, gt=0, le=86_400)
    live_token_seconds: float = Field(default=5, gt=0, le=3_600)
    read_seconds: float = Field(default=READ_SECONDS, gt=0, le=3_600)
    write_seconds: float = Field(default=WRITE_SECONDS, gt=0, le=3_600)
    proxies: str = "127.0.0.1"

    @field_validator("admin_token", "shop_token", "smtp_url", "database_direct_url", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("database_pooler", mode="before")
    @classmethod
    def _empty_is_no_pooler(cls, value: object) -> object:
        return value or "none"

    @field_validator("database_url")
    @classmethod
    def _is_address(cls, value: SecretStr) -> SecretStr:
        parse_address(value.get_secret_value())
        return value

    @field_validator("database_direct_url")
    @classmethod
    def _is_address_of_a_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and parse_address(value.get_secret_value()).is_sqlite:
            raise ValueError("past a pooler there is a PostgreSQL: postgresql://user:password@host:port/db")
        return value

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, value: str) -> str:
        if value.lower() not in LOG_LEVELS:
            raise ValueError(f"one of {', '.join(LOG_LEVELS)}")
        return value.lower()

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_smtp_url(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_sender(cls, value: str, info: ValidationInfo) -> str:
        if value:
            parse_mailbox(value)
        elif info.data.get("smtp_url"):
            raise ValueError("mails need a sender: name@domain or Name <name@domain>")
        return value

    @field_validator("mail_templates", mode="before")
    @classmethod
    def _is_folder(cls, value: object) -> object:
        if value and not Path(str(value)).is_dir():
            raise ValueError("there is no such folder")
        return value or None

    @property
    def smtp(self) -> SmtpAddress | None:
        """The mail server; None: mails wait until there is one."""
        return parse_smtp_url(self.smtp_url.get_secret_value()) if self.smtp_url else None

    @property
    def mailbox(self) -> Mailbox:
        """Who writes the mails; there is one wherever there is a mail server."""
        return parse_mailbox(self.mail_from)

    @property
    def digest_period(self) -> timedelta:
        """How long after a mail to somebody the next one waits for more."""
        return timedelta(minutes=self.digest_minutes)

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not _is_origin(origin):
                raise ValueError(f"{origin!r} is no origin: a scheme and a host, such as https://shop.example, or *")
        return value

    @field_validator("proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for part in filter(None, map(str.strip, value.split(","))):
            if part != "*":  # everybody: where nothing but the proxy can reach the service
                ip_network(part)
        return value

    @property
    def patience(self) -> Patience:
        """How long what runs for a request may take."""
        return Patience(self.read_seconds, self.write_seconds)

    @property
    def address(self) -> DatabaseAddress:
        """Where the database is, and how it is spoken to."""
        direct = self.database_direct_url
        given = parse_address(self.database_url.get_secret_value())
        return replace(
            given,
            is_pooled=self.database_pooler == "transaction" and not given.is_sqlite,
            direct=parse_address(direct.get_secret_value()).credentials if direct else None,
            connections=self.database_connections,
            timeouts=Timeouts.of(self.database_seconds, self.write_seconds),
        )


def _is_origin(text: str) -> bool:
    try:
        url = AnyHttpUrl(text)
    except ValueError:
        return False
    return url.path in {None, "/"} and not (url.query or url.fragment or url.username)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read when they are first asked for; SettingsError for a bad one."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [f"{PREFIX}{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors()]
        raise SettingsError("\n".join(problems)) from None


def unknown_variables() -> list[str]:
    """SALABLE_* variables of the environment that are no setting: most likely misspelt."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
