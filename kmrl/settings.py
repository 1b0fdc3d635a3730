"""Settings: everything a host may choose comes from the environment (README has the table)."""

import gc
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from kmrl import bus, database, postbox, secret
from kmrl import environment as env
from kmrl.embedded import addresses

gc.disable()  # until all is imported (kmrl.apps): what is loaded stays, and to look it over took a fifth of a start


def _of(name: str) -> Any:
    """What only some processes read is loaded when they do: the supervisor reads the settings before all else."""
    return SimpleLazyObject(lambda: import_string(name))


BASE_DIR = Path(__file__).resolve().parent.parent
KMRL_DATA = env.folder("KMRL_DATA", BASE_DIR / "var")

DEBUG = env.flag("KMRL_DEBUG")
SECRET_KEY = secret.key(KMRL_DATA)
ALLOWED_HOSTS = env.hosts("KMRL_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.origins("KMRL_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "kmrl",
    *(["daphne"] if "runserver" in sys.argv[1:2] else []),  # it loads Twisted: 0.2 s of every other process's start
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "kmrl.admin_app.GatewayAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_results",
    "accounts",
    "realtime",
    "jobs",
    "documents",
    "workflows",
]

MIDDLEWARE = [
    "kmrl.probes.Probes",
    "kmrl.headers.SecurityHeaders",
    "kmrl.bad_values.BadValues",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "kmrl.pages.language.PageLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "kmrl.urls"
ASGI_APPLICATION = "kmrl.asgi.application"
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
            ]
        },
    }
]

# --- record, cache and bus
# (an address that is not given is that of the private service which `bin/up` runs on this data folder)
PRIVATE = addresses.read(KMRL_DATA)
DATABASE_URL = env.text("DATABASE_URL").strip() or PRIVATE.get("DATABASE_URL", "postgresql://kmrl@127.0.0.1:5432/kmrl")
DATABASES = {"default": database.from_url(DATABASE_URL)}
REDIS_URL = bus.checked(env.text("REDIS_URL").strip() or PRIVATE.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
REDIS_PREFIX = env.word(
    "KMRL_REDIS_PREFIX", "kmrl", such_as="kmrl"
)  # begins every name in Redis: gateways may share one
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "CONNECTION_POOL_KWARGS": {"socket_connect_timeout": 0.2, "socket_timeout": 1.0},
        },
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": REDIS_PREFIX},
    }
}

# --- live
SOCKETS_PER_USER = env.number("KMRL_SOCKETS_PER_USER", 20, least=1)
SOCKETS_PER_ADDRESS = env.number("KMRL_SOCKETS_PER_ADDRESS", 2_000, least=1)
EVENT_DAYS = env.number("KMRL_EVENT_DAYS", 30, least=1, most=36_500)
NOTICE_DAYS = env.number("KMRL_NOTICE_DAYS", 90, least=1, most=36_500)
PUBLIC_URL = env.site("KMRL_PUBLIC_URL", such_as="https://papers.example.org")

# --- people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.signing_in.CountedBackend"]
SIGN_IN_RATES = {"name": "20/min", "address": "60/min"}  # failures; an office may share one address
PROXIES = env.number("KMRL_PROXIES", 0, most=20)  # how many of ours stand in front and write X-Forwarded-For
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [{"NAME": "accounts.passwords.NotTooLong"}]
env.password("DJANGO_SUPERUSER_PASSWORD")  # read when the first administrator is made; told before
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "kmrl.pages.errors.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "kmrl.pages.errors.csrf_failed"
BEHIND_TLS = env.flag("KMRL_BEHIND_TLS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

# --- administration
UNFOLD = _of("kmrl.admin_look.UNFOLD")

# --- REST
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.rest.authentication.ApiKeyAuthentication",
        "accounts.rest.authentication.BearerAuthentication",
        "accounts.rest.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["accounts.rest.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.rest.parsing.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "accounts.rest.negotiation.AnswersAsAsked",
    "DEFAULT_PAGINATION_CLASS": "accounts.rest.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.rest.throttling.CallerThrottle"],
    "DEFAULT_THROTTLE_RATES": {"caller": env.rate("KMRL_THROTTLE", "6000/min")},
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "accounts.rest.problems.handler",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": None,
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=1),
    "UPDATE_LAST_LOGIN": False,
    "CHECK_REVOKE_TOKEN": True,  # a changed password ends the tokens that were given out before
}
CREDENTIALS_HELD_SECONDS = 2  # how long a change of rights may take to be noticed (accounts/credentials.py)
SPECTACULAR_SETTINGS = {
    "TITLE": "KMRL Gateway",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "string", "format": "uuid"}},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "DocumentStatusEnum": "documents.models.Status",
        "JobStateEnum": "jobs.models.JobState",
        "RunStatusEnum": "workflows.models.InstanceStatus",
        "TaskStateEnum": "workflows.models.TaskState",
        "TaskKindEnum": "workflows.models.TaskKind",
        "AwaitedKindEnum": ["workflow", "document"],
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "accounts.rest.schemes.with_problems"],
}

# --- documents
MAX_UPLOAD_BYTES = env.number("KMRL_MAX_UPLOAD_MB", 100, least=1, most=1_000_000) * 1024 * 1024
MAX_BATCH_FILES = env.number("KMRL_MAX_BATCH_FILES", 500, least=1, most=100_000)
MAX_BATCH_BYTES = env.number("KMRL_MAX_BATCH_MB", 500, least=1, most=1_000_000) * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_BATCH_FILES
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None
BIN_DAYS = 30
S3_BUCKET = env.word("KMRL_S3_BUCKET", such_as="kmrl-originals")
S3_REDIRECT = env.flag("KMRL_S3_REDIRECT")  # downloads go to signed addresses: the bucket must be reachable by browsers
env.together("KMRL_S3_ACCESS_KEY", "KMRL_S3_SECRET_KEY")
if S3_BUCKET:
    ORIGINALS: dict[str, Any] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.site("KMRL_S3_ENDPOINT", such_as="https://s3.example.org") or None,
            "access_key": env.text("KMRL_S3_ACCESS_KEY") or None,
            "secret_key": env.text("KMRL_S3_SECRET_KEY") or None,
            "region_name": env.word("KMRL_S3_REGION", "us-east-1", such_as="us-east-1"),
            "file_overwrite": True,
            "default_acl": None,
        },
    }
else:
    ORIGINALS = {
        "BACKEND": "documents.storage.FolderStorage",
        "OPTIONS": {"location": str(env.folder("KMRL_ORIGINALS", KMRL_DATA / "originals"))},
    }
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "originals": ORIGINALS,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- work
PROCESS_INLINE = env.flag("KMRL_PROCESS_INLINE")
CHILD_MEMORY_MB = env.number("KMRL_CHILD_MEMORY_MB", 400, least=100, most=1_000_000)
WORKER_NICE = env.number("KMRL_WORKER_NICE", 10, most=19)  # uploads and pages come first; not for the queue `high`
CHILD_PREWARM = env.flag("KMRL_CHILD_PREWARM", True)
CELERY_BROKER_URL = bus.broker_url(REDIS_URL)
CELERY_RESULT_BACKEND = "django-db"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: work is found without it
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 0.2,
    "socket_timeout": 10,
    "global_keyprefix": f"{REDIS_PREFIX}:",
}
CELERY_TIMEZONE = "Asia/Kolkata"

# --- alerts (a threshold of 0: never)
ALERT_EVERY = env.number("KMRL_ALERT_EVERY", 15, most=86_400)  # seconds
ALERT_BACKLOG = env.number("KMRL_ALERT_BACKLOG", 3000)  # jobs of one queue: fifteen departments send 200 scans each
ALERT_OLDEST = {  # seconds: a circular goes out in minutes, a scan is wanted the same hour, the rest the same shift
    "high": env.number("KMRL_ALERT_OLDEST_HIGH", 60),
    "default": env.number("KMRL_ALERT_OLDEST_DEFAULT", 900),
    "low": env.number("KMRL_ALERT_OLDEST_LOW", 14_400),
}
ALERT_FAILURE_PERCENT = env.number("KMRL_ALERT_FAILURE_PERCENT", 5, most=100)
ALERT_REDIS_PERCENT = env.number("KMRL_ALERT_REDIS_PERCENT", 90, most=100)
ALERT_DISK_PERCENT = env.number("KMRL_ALERT_DISK_PERCENT", 90, most=100)
ALERT_EMAILS = postbox.readers_of_alerts()
_post = postbox.read()
EMAIL_HOST, EMAIL_PORT = _post.host, _post.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _post.user, _post.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _post.starttls, _post.tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = postbox.sender()

# --- words and times
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ml", "മലയാളം")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "templates" / "locale"]
FORMAT_MODULE_PATH = ["kmrl.formats"]
TIME_ZONE = "Asia/Kolkata"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = KMRL_DATA / "static"
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = _of("kmrl.static_files.UNPACKED")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"away": {"()": "kmrl.away.OnceAMinute"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["away"]}},
    "root": {"handlers": ["stderr"], "level": env.choice("KMRL_LOG_LEVEL", "INFO", env.LEVELS)},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery.worker.strategy": {"level": "WARNING"},  # two lines for every wake-up tell nobody anything
        "celery.app.trace": {"level": "WARNING"},
    },
}
