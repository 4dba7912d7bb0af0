"""One settings file; what differs between machines comes from the environment (docs/settings.md)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").strip().lower() in {"1", "true", "yes", "on"}


DEBUG = flag("SAM_DEBUG")
TESTING = flag("SAM_TESTING")
DATA_DIR = Path(os.environ.get("SAM_DATA", BASE_DIR / ".data")).resolve()
PORT = int(os.environ.get("PORT", "8000"))
BASE_URL = os.environ.get("SAM_BASE_URL", f"http://localhost:{PORT}").rstrip("/")
SECURE = BASE_URL.startswith("https://")

SECRET_KEY = os.environ.get("SECRET_KEY", "")
INSECURE_KEY = "only-for-building-the-image-and-for-tests"
if not SECRET_KEY:
    SECRET_KEY = INSECURE_KEY
if SECRET_KEY == INSECURE_KEY and not (DEBUG or TESTING or flag("SAM_BUILDING")):
    raise ImproperlyConfigured("Set SECRET_KEY to a long random value: SAM does not start with the default one.")
if DEBUG and os.environ.get("SAM_BASE_URL", "").startswith("https://"):
    raise ImproperlyConfigured("SAM_DEBUG is for one's own machine: SAM does not serve an https address with it.")
# People of the demo company have a known password: nobody may sign in as one of them in production.
DEMO_PEOPLE_MAY_SIGN_IN = DEBUG or TESTING
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]

ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host] or [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *(["testserver"] if TESTING else []),
]
CSRF_TRUSTED_ORIGINS = [BASE_URL] if SECURE else []

INSTALLED_APPS = [
    "sam.core",
    "sam.portal",
    "accounts",
    "scoring",
    "planning",
    "reviews",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "pghistory",
    "pgtrigger",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "csp",
]

MIDDLEWARE = [
    "sam.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sam.core.middleware.CompressPagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Outside of whatever may answer early: redirects and refusals stay out of caches too.
    "sam.core.middleware.HtmxVaryMiddleware",
    "sam.core.middleware.DatabaseDownMiddleware",
    "sam.core.middleware.CleanInputMiddleware",
    "sam.portal.middleware.PortalMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "sam.core.middleware.FetchMetadataMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sam.core.middleware.PersonMiddleware",
    "sam.core.middleware.FirstStartMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "sam.urls"
WSGI_APPLICATION = "sam.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sam.core.context.page",
            ],
            "builtins": ["sam.core.templatetags.ui", "sam.core.templatetags.parts"],
        },
    }
]

# --- database -----------------------------------------------------------------------------------
# `default` does the work; `progress` is a second connection to the same place, so that a job's
# progress is visible while its one transaction is still open; `portal` is the client wall's own
# role, which may execute two functions and nothing else.

DATABASE_URL = os.environ.get("DATABASE_URL", "")
_pool = {"min_size": 1, "max_size": 12, "timeout": 10} if flag("SAM_DB_POOL", default=not TESTING) else None


def database(url: str, *, pool: dict[str, int] | None, **test: Any) -> dict[str, Any]:
    config: dict[str, Any] = dict(dj_database_url.parse(url)) if url else {"ENGINE": "django.db.backends.postgresql"}
    options = dict(config.get("OPTIONS") or {})
    if pool:
        options["pool"] = pool
    options.setdefault("connect_timeout", 5)
    return {**config, "CONN_MAX_AGE": 0, "OPTIONS": options, "TEST": test}


DATABASES = {
    "default": database(DATABASE_URL, pool=_pool),
    "progress": database(DATABASE_URL, pool=None, MIRROR="default"),
    "portal": database(os.environ.get("PORTAL_DATABASE_URL", DATABASE_URL), pool=None, MIRROR="default"),
}
DATABASE_ROUTERS = ["sam.core.routers.OneHomeRouter"]

# --- client wall ----------------------------------------------------------------------------------
# Without PORTAL_DATABASE_URL client pages call the same two functions over the application's own connection.
PORTAL_BASE_URL = os.environ.get("PORTAL_BASE_URL", BASE_URL).rstrip("/")
# A process that serves client pages and nothing else; it needs the portal's credential only.
PORTAL_ONLY = flag("PORTAL_ONLY")
PORTAL_READS_PER_MINUTE = int(os.environ.get("PORTAL_READS_PER_MINUTE", "300"))
PORTAL_SENDS_PER_MINUTE = int(os.environ.get("PORTAL_SENDS_PER_MINUTE", "60"))

# --- broker, cache, background work ---------------------------------------------------------------
REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")
# One address, two spellings: redis-py says unix://, kombu redis+socket://.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
# Installations that share one Redis keep their queues apart by name.
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("SAM_QUEUE", "sam")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 660
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_max": 0.2,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

CACHES = {
    "default": {
        "BACKEND": "sam.core.steady_cache.SteadyCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": os.environ.get("SAM_CACHE_PREFIX", "sam"),
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

# --- people and sign-in ---------------------------------------------------------------------------
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "sam.core.authentication.PersonBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_USER_DISPLAY = "sam.core.authentication.display_name"
ACCOUNT_ADAPTER = "sam.core.authentication.InvitedOnlyAdapter"
SOCIALACCOUNT_ADAPTER = "sam.core.authentication.InvitedOnlySocialAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_TOTP_ISSUER = "SAM"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if os.environ.get("OIDC_SERVER_URL"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "company",
                "name": os.environ.get("OIDC_NAME", "Company sign-in"),
                "client_id": os.environ.get("OIDC_CLIENT_ID", ""),
                "secret": os.environ.get("OIDC_CLIENT_SECRET", ""),
                "settings": {"server_url": os.environ["OIDC_SERVER_URL"]},
            }
        ]
    }

# --- web hardening --------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "sam_session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "sam_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_FAILURE_VIEW = "sam.core.views.errors.csrf_failure"
if SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("TRUST_PROXY") else None
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXY_COUNT", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["sam.core.files.LimitedUploadHandler"]
UPLOAD_LIMIT = int(os.environ.get("UPLOAD_LIMIT_MB", "50")) * 1024 * 1024

# --- files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", DATA_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "sam.core.finders.BrowserLibrariesFinder",
]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if TESTING:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = True
if os.environ.get("S3_BUCKET"):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": os.environ["S3_BUCKET"],
            "endpoint_url": os.environ.get("S3_ENDPOINT_URL") or None,
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }

# --- mail -----------------------------------------------------------------------------------------
EMAIL_URL = os.environ.get("EMAIL_URL", "")
MAIL_FOLDER = DATA_DIR / "mail"
if EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp+tls"
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "sam.core.mailbox.FolderBackend"
DEFAULT_FROM_EMAIL = os.environ.get("SAM_FROM_EMAIL", "sam@localhost")
# The embedded mailbox shows every mail to whoever can reach the machine: only with DEBUG.
MAILBOX = DEBUG and not EMAIL_URL

# --- language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- API ------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "sam.core.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["sam.core.api.parsers.StrictJSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_PAGINATION_CLASS": "sam.core.api.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "sam.core.api.problems.problem_response",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "SAM",
    "DESCRIPTION": "Strategic account management. Amounts and ratios are decimal strings; shares are fractions 0 to 1.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    # Several nouns have a status or a kind; each set of choices keeps a name of its own.
    "ENUM_NAME_OVERRIDES": {
        "AccountStatus": "accounts.models.account.Account.Status",
        "AccountTier": "accounts.models.account.Account.Tier",
        "ContactStatus": "accounts.models.contact.Contact.Status",
        "FigureKind": "accounts.models.figure.Figure.Kind",
        "FigureStatus": "accounts.models.figure.Figure.Status",
        "OpinionKind": "accounts.models.contact.Opinion.Kind",
        "PriceRequestState": "accounts.models.price_request.PriceRequest.State",
        "TouchpointKind": "accounts.models.touchpoint.Touchpoint.Kind",
        "ImportStatus": "accounts.models.imports.ImportBatch.Status",
        "CriterionKind": "scoring.models.criterion.Criterion.Kind",
        "ActionStatus": "planning.models.action.PlanAction.Status",
        "SurveyStatus": "reviews.models.survey.Survey.Status",
        "ReviewKind": "reviews.models.agenda_template.ReviewKind",
    },
}

# --- audit ----------------------------------------------------------------------------------------
PGHISTORY_APPEND_ONLY = True

# --- logs -----------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "sam.core.logs.RequestFilter"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s %(person_id)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING" if TESTING else "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
FORM_RENDERER = "sam.core.forms_renderer.SamRenderer"
FORMS_URLFIELD_ASSUME_HTTPS = True
# The database holds one person per address whatever its case; Django's check only knows `unique=True`.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
