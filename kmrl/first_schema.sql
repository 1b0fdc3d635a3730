-- What all migrations come to, for an empty database. Written by `manage.py first_schema`; do not edit.
SET LOCAL check_function_bodies = false;
SET LOCAL search_path = '';
CREATE FUNCTION public.accounts_history_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The history is append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE FUNCTION public.documents_fold(given text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
SELECT CASE WHEN octet_length(given) = char_length(given) THEN given ELSE translate(
    replace(replace(replace(replace(replace(replace(replace(replace(
        normalize(given, NFKC),
        U&'\0D28\0D4D\200D', U&'\0D7B'), U&'\0D23\0D4D\200D', U&'\0D7A'), U&'\0D30\0D4D\200D', U&'\0D7C'),
        U&'\0D32\0D4D\200D', U&'\0D7D'), U&'\0D33\0D4D\200D', U&'\0D7E'), U&'\0D15\0D4D\200D', U&'\0D7F'),
        U&'\0D7B\0D4D\0D31', U&'\0D28\0D4D\0D31'), U&'\0D7B\0D31', U&'\0D28\0D4D\0D31'),
    U&'\0D4C\2018\2019\201C\201D\2010\2011\2012\2013\2014\2026\2022\00B7\00AB\00BB\2039\203A\201E\201A\0964\0965\20B9\00A0\200B\200C\200D\200E\200F\00AD\FEFF',
    U&'\0D57''''""-----             ') END
$$;
CREATE FUNCTION public.realtime_number_events() RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    last bigint;
    given bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM realtime_event WHERE position IS NULL) THEN
        RETURN coalesce((SELECT position FROM realtime_head WHERE id = 1), 0);
    END IF;
    SELECT position INTO last FROM realtime_head WHERE id = 1 FOR UPDATE;
    IF NOT FOUND THEN  -- the tables were emptied: start again behind what is there
        INSERT INTO realtime_head (id, position, pruned_to)
            SELECT 1, coalesce(max(position), 0), 0 FROM realtime_event ON CONFLICT DO NOTHING;
        SELECT position INTO STRICT last FROM realtime_head WHERE id = 1 FOR UPDATE;
    END IF;
    -- a statement of its own: its snapshot is taken after the lock was won
    WITH waiting AS (
        SELECT id, row_number() OVER (ORDER BY id) AS nth FROM realtime_event WHERE position IS NULL
    ), numbered AS (
        UPDATE realtime_event SET position = last + waiting.nth
        FROM waiting WHERE realtime_event.id = waiting.id RETURNING 1
    )
    SELECT count(*) INTO given FROM numbered;
    IF given > 0 THEN
        UPDATE realtime_head SET position = last + given WHERE id = 1;
    END IF;
    RETURN last + given;
END
$$;
CREATE FUNCTION public.workflows_versions_never_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.published_by_id IS NULL
        AND to_jsonb(NEW) - 'published_by_id' = to_jsonb(OLD) - 'published_by_id' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'A published version never changes: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TEXT SEARCH DICTIONARY public.documents_stem (
    TEMPLATE = pg_catalog.snowball,
    language = 'english' );
CREATE TEXT SEARCH CONFIGURATION public.documents_words (
    PARSER = pg_catalog."default" );
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR asciiword WITH public.documents_stem;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR word WITH public.documents_stem;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR numword WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR email WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR url WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR host WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR sfloat WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR version WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR hword_numpart WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR hword_part WITH public.documents_stem;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR hword_asciipart WITH public.documents_stem;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR numhword WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR asciihword WITH public.documents_stem;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR hword WITH public.documents_stem;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR url_path WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR file WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR "float" WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR "int" WITH simple;
ALTER TEXT SEARCH CONFIGURATION public.documents_words
    ADD MAPPING FOR uint WITH simple;
CREATE TABLE public.accounts_apikey (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    prefix character varying(12) NOT NULL,
    digest character varying(64) NOT NULL,
    scopes jsonb NOT NULL,
    sources jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    user_id bigint NOT NULL
);
CREATE TABLE public.accounts_apikey_departments (
    id bigint NOT NULL,
    apikey_id bigint NOT NULL,
    department_id bigint NOT NULL
);
ALTER TABLE public.accounts_apikey_departments ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_apikey_departments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.accounts_apikey ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_apikey_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_department (
    id bigint NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(120) NOT NULL,
    name_ml character varying(120) NOT NULL,
    active boolean NOT NULL
);
ALTER TABLE public.accounts_department ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_department_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_historyentry (
    id bigint NOT NULL,
    subject_kind character varying(24) NOT NULL,
    subject_id character varying(40) NOT NULL,
    sequence integer NOT NULL,
    action character varying(40) NOT NULL,
    actor_name character varying(150) NOT NULL,
    at timestamp with time zone NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    note text NOT NULL,
    previous_digest character varying(64) NOT NULL,
    digest character varying(64) NOT NULL,
    actor_id bigint,
    CONSTRAINT accounts_historyentry_sequence_check CHECK ((sequence >= 0))
);
ALTER TABLE public.accounts_historyentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_historyentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_historyseal (
    number integer NOT NULL,
    up_to bigint NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    entries bigint NOT NULL,
    root character varying(64) NOT NULL,
    CONSTRAINT accounts_historyseal_number_check CHECK ((number >= 0))
);
CREATE TABLE public.accounts_membership (
    id bigint NOT NULL,
    role character varying(12) NOT NULL,
    department_id bigint NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.accounts_membership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_membership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_user (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    username character varying(150) NOT NULL,
    first_name character varying(150) NOT NULL,
    last_name character varying(150) NOT NULL,
    email character varying(254) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL,
    house_role character varying(16) NOT NULL
);
CREATE TABLE public.accounts_user_groups (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    group_id integer NOT NULL
);
ALTER TABLE public.accounts_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.accounts_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.accounts_user_user_permissions (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.accounts_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounts_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id bigint NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);
ALTER TABLE public.django_admin_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_admin_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_celery_results_chordcounter (
    id integer NOT NULL,
    group_id character varying(255) NOT NULL,
    sub_tasks text NOT NULL,
    count integer NOT NULL,
    CONSTRAINT django_celery_results_chordcounter_count_check CHECK ((count >= 0))
);
ALTER TABLE public.django_celery_results_chordcounter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_results_chordcounter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_celery_results_groupresult (
    id integer NOT NULL,
    group_id character varying(255) NOT NULL,
    date_created timestamp with time zone NOT NULL,
    date_done timestamp with time zone NOT NULL,
    content_type character varying(128) NOT NULL,
    content_encoding character varying(64) NOT NULL,
    result text
);
ALTER TABLE public.django_celery_results_groupresult ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_results_groupresult_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_celery_results_taskresult (
    id integer NOT NULL,
    task_id character varying(255) NOT NULL,
    status character varying(50) NOT NULL,
    content_type character varying(128) NOT NULL,
    content_encoding character varying(64) NOT NULL,
    result text,
    date_done timestamp with time zone NOT NULL,
    traceback text,
    meta text,
    task_args text,
    task_kwargs text,
    task_name character varying(255),
    worker character varying(100),
    date_created timestamp with time zone NOT NULL,
    periodic_task_name character varying(255),
    date_started timestamp with time zone
);
ALTER TABLE public.django_celery_results_taskresult ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_celery_results_taskresult_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE public.documents_batch (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    uploaded_by_id bigint NOT NULL,
    source_id bigint,
    department_id bigint
);
CREATE TABLE public.documents_blob (
    sha256 character varying(64) NOT NULL,
    size bigint NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.documents_document (
    id uuid NOT NULL,
    title character varying(255) NOT NULL,
    document_type character varying(32) NOT NULL,
    document_date date,
    access character varying(12) NOT NULL,
    priority smallint NOT NULL,
    status character varying(50) NOT NULL,
    language character varying(5) NOT NULL,
    metadata jsonb NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    job_id uuid,
    binned_at timestamp with time zone,
    batch_id uuid,
    binned_by_id bigint,
    department_id bigint,
    duplicate_of_id uuid,
    uploaded_by_id bigint NOT NULL,
    source_id bigint NOT NULL,
    newest_id bigint,
    readable_id bigint,
    shared boolean DEFAULT false NOT NULL
);
CREATE TABLE public.documents_document_people (
    id bigint NOT NULL,
    document_id uuid NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.documents_document_people ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.documents_document_people_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.documents_idempotentrequest (
    id bigint NOT NULL,
    credential character varying(60) NOT NULL,
    route character varying(60) NOT NULL,
    key character varying(200) NOT NULL,
    fingerprint character varying(64) NOT NULL,
    status smallint NOT NULL,
    answer jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT documents_idempotentrequest_status_check CHECK ((status >= 0))
);
ALTER TABLE public.documents_idempotentrequest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.documents_idempotentrequest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.documents_ledgerday (
    day date NOT NULL,
    counts jsonb NOT NULL,
    differences jsonb NOT NULL,
    checked_at timestamp with time zone NOT NULL,
    seconds double precision NOT NULL,
    checks integer NOT NULL,
    bytes_checked integer NOT NULL,
    bytes_all integer NOT NULL,
    CONSTRAINT documents_ledgerday_bytes_all_check CHECK ((bytes_all >= 0)),
    CONSTRAINT documents_ledgerday_bytes_checked_check CHECK ((bytes_checked >= 0)),
    CONSTRAINT documents_ledgerday_checks_check CHECK ((checks >= 0))
);
CREATE TABLE public.documents_page (
    id bigint NOT NULL,
    number integer NOT NULL,
    text text NOT NULL,
    confidence double precision NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT documents_page_number_check CHECK ((number >= 0))
);
ALTER TABLE public.documents_page ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.documents_page_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.documents_pageindex (
    page_id bigint NOT NULL,
    words tsvector NOT NULL,
    document_id uuid NOT NULL
);
CREATE TABLE public.documents_refused (
    id bigint NOT NULL,
    filename character varying(255) NOT NULL,
    code character varying(40) NOT NULL,
    detail text NOT NULL,
    batch_id uuid NOT NULL
);
ALTER TABLE public.documents_refused ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.documents_refused_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.documents_rememberedtime (
    id bigint NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    incarnation character varying(80) NOT NULL
);
ALTER TABLE public.documents_rememberedtime ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.documents_rememberedtime_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.documents_savedview (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    query character varying(500) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.documents_savedview ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.documents_savedview_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.documents_share (
    id bigint NOT NULL,
    because character varying(200) NOT NULL,
    at timestamp with time zone NOT NULL,
    department_id bigint,
    document_id uuid NOT NULL,
    user_id bigint,
    CONSTRAINT share_with_one CHECK ((((department_id IS NULL) OR (user_id IS NULL)) AND (1 = (
CASE
    WHEN (department_id IS NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN (user_id IS NULL) THEN 1
    ELSE 0
END))))
);
ALTER TABLE public.documents_share ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.documents_share_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.documents_source (
    id bigint NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(120) NOT NULL,
    active boolean NOT NULL,
    refuse_duplicates boolean NOT NULL,
    default_department_id bigint
);
ALTER TABLE public.documents_source ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.documents_source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.documents_storageround (
    number integer NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    looked_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    reached character varying(64) NOT NULL,
    seen_objects bigint NOT NULL,
    seen_rows bigint NOT NULL,
    differences jsonb NOT NULL,
    CONSTRAINT documents_storageround_number_check CHECK ((number >= 0))
);
CREATE TABLE public.documents_version (
    id bigint NOT NULL,
    number integer NOT NULL,
    original_filename character varying(255) NOT NULL,
    content_type character varying(120) NOT NULL,
    file_size bigint NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    status character varying(12) NOT NULL,
    processed_at timestamp with time zone,
    page_count integer,
    pages_awaiting_ocr integer NOT NULL,
    language character varying(5) NOT NULL,
    confidence_score double precision,
    flags character varying(32)[] NOT NULL,
    facts jsonb NOT NULL,
    error_code character varying(40) NOT NULL,
    error_detail text NOT NULL,
    blob_id character varying(64) NOT NULL,
    document_id uuid NOT NULL,
    uploaded_by_id bigint NOT NULL,
    CONSTRAINT documents_version_number_check CHECK ((number >= 0)),
    CONSTRAINT documents_version_page_count_check CHECK ((page_count >= 0)),
    CONSTRAINT documents_version_pages_awaiting_ocr_check CHECK ((pages_awaiting_ocr >= 0))
);
ALTER TABLE public.documents_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.documents_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.jobs_alert (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    subject character varying(120) NOT NULL,
    level character varying(8) NOT NULL,
    text text NOT NULL,
    value double precision NOT NULL,
    threshold double precision NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    cleared_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    raise_mailed_at timestamp with time zone,
    clear_mailed_at timestamp with time zone,
    mail_failures smallint NOT NULL,
    acknowledged_by_id bigint,
    CONSTRAINT jobs_alert_mail_failures_check CHECK ((mail_failures >= 0))
);
ALTER TABLE public.jobs_alert ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.jobs_alert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.jobs_death (
    worker character varying(80) NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.jobs_forecast (
    job_id uuid NOT NULL,
    told_at timestamp with time zone NOT NULL,
    raw double precision NOT NULL,
    told double precision NOT NULL
);
CREATE TABLE public.jobs_job (
    id uuid NOT NULL,
    kind character varying(40) NOT NULL,
    payload jsonb NOT NULL,
    queue character varying(12) NOT NULL,
    priority smallint NOT NULL,
    urgency smallint NOT NULL,
    fair_rank bigint NOT NULL,
    short boolean NOT NULL,
    state character varying(50) NOT NULL,
    fence integer NOT NULL,
    attempt smallint NOT NULL,
    max_attempts smallint NOT NULL,
    run_after timestamp with time zone,
    lease_until timestamp with time zone,
    worker character varying(80) NOT NULL,
    percent smallint NOT NULL,
    step character varying(60) NOT NULL,
    message character varying(200) NOT NULL,
    error_code character varying(40) NOT NULL,
    error_detail text NOT NULL,
    failures jsonb NOT NULL,
    result jsonb NOT NULL,
    subject_kind character varying(24) NOT NULL,
    subject_id character varying(40) NOT NULL,
    size bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    took_ms integer,
    owner_id bigint,
    parent_id uuid,
    CONSTRAINT jobs_job_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT jobs_job_fence_check CHECK ((fence >= 0)),
    CONSTRAINT jobs_job_max_attempts_check CHECK ((max_attempts >= 0)),
    CONSTRAINT jobs_job_percent_check CHECK ((percent >= 0)),
    CONSTRAINT jobs_job_took_ms_check CHECK ((took_ms >= 0))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_cost_delay='0', autovacuum_vacuum_insert_scale_factor='0', autovacuum_vacuum_insert_threshold='50000', autovacuum_analyze_threshold='20000', autovacuum_analyze_scale_factor='0.05');
CREATE TABLE public.jobs_lookout (
    scope character varying(120) NOT NULL,
    looked_at timestamp with time zone NOT NULL,
    turn bigint NOT NULL,
    pending jsonb NOT NULL,
    CONSTRAINT jobs_lookout_turn_check CHECK ((turn >= 0))
);
CREATE TABLE public.jobs_minute (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    queue character varying(12) NOT NULL,
    succeeded integer NOT NULL,
    dead integer NOT NULL,
    cancelled integer NOT NULL,
    work_ms bigint NOT NULL,
    wait_ms bigint NOT NULL,
    waits jsonb NOT NULL,
    CONSTRAINT jobs_minute_cancelled_check CHECK ((cancelled >= 0)),
    CONSTRAINT jobs_minute_dead_check CHECK ((dead >= 0)),
    CONSTRAINT jobs_minute_succeeded_check CHECK ((succeeded >= 0)),
    CONSTRAINT jobs_minute_wait_ms_check CHECK ((wait_ms >= 0)),
    CONSTRAINT jobs_minute_work_ms_check CHECK ((work_ms >= 0))
);
ALTER TABLE public.jobs_minute ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.jobs_minute_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.jobs_queue (
    name character varying(12) NOT NULL,
    paused boolean NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='200');
CREATE SEQUENCE public.jobs_turn_0
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;
CREATE SEQUENCE public.jobs_turn_1
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;
CREATE SEQUENCE public.jobs_turn_2
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;
CREATE SEQUENCE public.jobs_turn_3
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.jobs_worker (
    id character varying(80) NOT NULL,
    queues jsonb NOT NULL,
    host character varying(120) NOT NULL,
    pid integer NOT NULL,
    space character varying(80) NOT NULL,
    concurrency smallint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    draining boolean NOT NULL,
    memory_mb integer NOT NULL,
    jobs_done bigint NOT NULL,
    busy smallint NOT NULL,
    CONSTRAINT jobs_worker_busy_check CHECK ((busy >= 0)),
    CONSTRAINT jobs_worker_concurrency_check CHECK ((concurrency >= 0)),
    CONSTRAINT jobs_worker_jobs_done_check CHECK ((jobs_done >= 0)),
    CONSTRAINT jobs_worker_memory_mb_check CHECK ((memory_mb >= 0)),
    CONSTRAINT jobs_worker_pid_check CHECK ((pid >= 0))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='200');
CREATE TABLE public.realtime_digest (
    id bigint NOT NULL,
    state character varying(8) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    next_at timestamp with time zone NOT NULL,
    handed_at timestamp with time zone,
    tries smallint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT realtime_digest_tries_check CHECK ((tries >= 0))
);
ALTER TABLE public.realtime_digest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.realtime_digest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.realtime_event (
    id bigint NOT NULL,
    "position" bigint,
    type character varying(40) NOT NULL,
    at timestamp with time zone NOT NULL,
    audience character varying(80)[] NOT NULL,
    data jsonb NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_cost_delay='0');
ALTER TABLE public.realtime_event ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.realtime_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.realtime_follow (
    id bigint NOT NULL,
    subject character varying(80) NOT NULL,
    at timestamp with time zone NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.realtime_follow ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.realtime_follow_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.realtime_head (
    id smallint NOT NULL,
    "position" bigint NOT NULL,
    pruned_to bigint NOT NULL,
    CONSTRAINT one_head CHECK ((id = 1))
);
CREATE TABLE public.realtime_notice (
    id bigint NOT NULL,
    serial bigint NOT NULL,
    kind character varying(40) NOT NULL,
    grouped character varying(200) NOT NULL,
    importance character varying(8) NOT NULL,
    count integer NOT NULL,
    items jsonb NOT NULL,
    in_app boolean NOT NULL,
    first_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    mail_at timestamp with time zone,
    digest_id bigint,
    user_id bigint NOT NULL,
    CONSTRAINT realtime_notice_count_check CHECK ((count >= 0))
);
ALTER TABLE public.realtime_notice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.realtime_notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.realtime_noticepreferences (
    user_id bigint NOT NULL,
    kinds jsonb NOT NULL,
    quiet_from time without time zone,
    quiet_to time without time zone,
    timezone character varying(60) NOT NULL,
    language character varying(8) NOT NULL
);
CREATE TABLE public.realtime_ticket (
    digest character varying(64) NOT NULL,
    credential character varying(40) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    session character varying(40) DEFAULT ''::character varying NOT NULL,
    stamp character varying(64) DEFAULT ''::character varying NOT NULL,
    until double precision
);
CREATE TABLE public.workflows_absence (
    id bigint NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    note character varying(200) NOT NULL,
    deputy_id bigint,
    user_id bigint NOT NULL,
    CONSTRAINT absence_has_days CHECK ((last_day >= first_day))
);
ALTER TABLE public.workflows_absence ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_absence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_acknowledgement (
    id bigint NOT NULL,
    shift character varying(40) NOT NULL,
    due_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    document_version integer,
    chased smallint NOT NULL,
    chased_at timestamp with time zone,
    user_id bigint NOT NULL,
    task_id uuid NOT NULL,
    CONSTRAINT workflows_acknowledgement_chased_check CHECK ((chased >= 0)),
    CONSTRAINT workflows_acknowledgement_document_version_check CHECK ((document_version >= 0))
);
ALTER TABLE public.workflows_acknowledgement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_acknowledgement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_candidate (
    id bigint NOT NULL,
    roles character varying(12)[] NOT NULL,
    origin character varying(12) NOT NULL,
    department_id bigint,
    for_user_id bigint,
    user_id bigint,
    task_id uuid NOT NULL,
    open boolean NOT NULL
);
ALTER TABLE public.workflows_candidate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_candidate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_decision (
    id bigint NOT NULL,
    outcome character varying(40) NOT NULL,
    comment text NOT NULL,
    form jsonb NOT NULL,
    document_version integer,
    door character varying(12) NOT NULL,
    at timestamp with time zone NOT NULL,
    by_id bigint NOT NULL,
    for_user_id bigint,
    task_id uuid NOT NULL,
    CONSTRAINT workflows_decision_document_version_check CHECK ((document_version >= 0))
);
ALTER TABLE public.workflows_decision ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_definition (
    id bigint NOT NULL,
    key character varying(40) NOT NULL,
    title character varying(120) NOT NULL,
    title_ml character varying(120) NOT NULL,
    category character varying(20) NOT NULL,
    description text NOT NULL,
    active boolean NOT NULL,
    draft text NOT NULL,
    draft_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    draft_by_id bigint,
    published_id bigint
);
ALTER TABLE public.workflows_definition ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_definition_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_definitionversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    source text NOT NULL,
    body jsonb NOT NULL,
    digest character varying(64) NOT NULL,
    note text NOT NULL,
    published_at timestamp with time zone NOT NULL,
    definition_id bigint NOT NULL,
    published_by_id bigint,
    CONSTRAINT workflows_definitionversion_number_check CHECK ((number >= 0))
);
ALTER TABLE public.workflows_definitionversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_definitionversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_dependency (
    id bigint NOT NULL,
    event character varying(60) NOT NULL,
    key character varying(120) NOT NULL,
    met_at timestamp with time zone,
    instance_id uuid NOT NULL
);
ALTER TABLE public.workflows_dependency ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_dependency_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_duty (
    id bigint NOT NULL,
    first_day date NOT NULL,
    last_day date,
    department_id bigint,
    user_id bigint NOT NULL,
    shift_id bigint NOT NULL
);
ALTER TABLE public.workflows_duty ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_duty_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_exclusion (
    id bigint NOT NULL,
    reason character varying(120) NOT NULL,
    user_id bigint NOT NULL,
    task_id uuid NOT NULL
);
ALTER TABLE public.workflows_exclusion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_exclusion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_holiday (
    id bigint NOT NULL,
    day date NOT NULL,
    name character varying(120) NOT NULL,
    calendar_id bigint NOT NULL
);
ALTER TABLE public.workflows_holiday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_holiday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_humantask (
    id uuid NOT NULL,
    token integer NOT NULL,
    step character varying(40) NOT NULL,
    round integer NOT NULL,
    kind character varying(12) NOT NULL,
    title character varying(200) NOT NULL,
    title_ml character varying(200) NOT NULL,
    question text NOT NULL,
    state character varying(50) NOT NULL,
    document_version integer,
    bound_to_version boolean NOT NULL,
    priority smallint NOT NULL,
    outcomes jsonb NOT NULL,
    form jsonb NOT NULL,
    quorum integer NOT NULL,
    may_delegate boolean NOT NULL,
    claimed_at timestamp with time zone,
    outcome character varying(40) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone,
    due_at timestamp with time zone,
    follow_up_at timestamp with time zone,
    warned boolean NOT NULL,
    breached boolean NOT NULL,
    rung smallint NOT NULL,
    assignee_id bigint,
    completed_by_id bigint,
    department_id bigint,
    document_id uuid,
    instance_id uuid NOT NULL,
    mail boolean NOT NULL,
    question_ml text NOT NULL,
    unattended boolean NOT NULL,
    CONSTRAINT workflows_humantask_document_version_check CHECK ((document_version >= 0)),
    CONSTRAINT workflows_humantask_quorum_check CHECK ((quorum >= 0)),
    CONSTRAINT workflows_humantask_round_check CHECK ((round >= 0)),
    CONSTRAINT workflows_humantask_rung_check CHECK ((rung >= 0)),
    CONSTRAINT workflows_humantask_token_check CHECK ((token >= 0))
);
CREATE TABLE public.workflows_incident (
    id bigint NOT NULL,
    token integer NOT NULL,
    step character varying(40) NOT NULL,
    code character varying(40) NOT NULL,
    detail text NOT NULL,
    job_id uuid,
    opened_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    resolution character varying(16) NOT NULL,
    resolved_by_id bigint,
    instance_id uuid NOT NULL,
    CONSTRAINT workflows_incident_token_check CHECK ((token >= 0))
);
ALTER TABLE public.workflows_incident ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_incident_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_instance (
    id uuid NOT NULL,
    document_version integer,
    status character varying(50) NOT NULL,
    outcome character varying(40) NOT NULL,
    priority smallint NOT NULL,
    state jsonb NOT NULL,
    sequence integer NOT NULL,
    reason jsonb NOT NULL,
    parent_token integer,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    due_at timestamp with time zone,
    breached boolean NOT NULL,
    definition_id bigint NOT NULL,
    department_id bigint,
    document_id uuid,
    parent_id uuid,
    started_by_id bigint,
    version_id bigint NOT NULL,
    CONSTRAINT workflows_instance_document_version_check CHECK ((document_version >= 0)),
    CONSTRAINT workflows_instance_parent_token_check CHECK ((parent_token >= 0)),
    CONSTRAINT workflows_instance_sequence_check CHECK ((sequence >= 0))
);
CREATE TABLE public.workflows_keptnews (
    id bigint NOT NULL,
    kind character varying(16) NOT NULL,
    said jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    by_id bigint,
    instance_id uuid NOT NULL
);
ALTER TABLE public.workflows_keptnews ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_keptnews_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_routing (
    id bigint NOT NULL,
    document_version integer NOT NULL,
    event character varying(40) NOT NULL,
    at timestamp with time zone NOT NULL,
    considered jsonb NOT NULL,
    instances jsonb NOT NULL,
    document_id uuid NOT NULL,
    CONSTRAINT workflows_routing_document_version_check CHECK ((document_version >= 0))
);
ALTER TABLE public.workflows_routing ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_routing_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE MATERIALIZED VIEW public.workflows_run_figures AS
 WITH periods(days) AS (
         VALUES (7), (30), (90), (365)
        ), narrow AS MATERIALIZED (
         SELECT i.definition_id,
            i.version_id,
            i.outcome,
            i.breached,
            i.status,
                CASE
                    WHEN (i.started_at >= now()) THEN NULL::integer
                    WHEN (i.started_at >= (now() - '7 days'::interval)) THEN 7
                    WHEN (i.started_at >= (now() - '30 days'::interval)) THEN 30
                    WHEN (i.started_at >= (now() - '90 days'::interval)) THEN 90
                    WHEN (i.started_at >= (now() - '365 days'::interval)) THEN 365
                    ELSE NULL::integer
                END AS began,
                CASE
                    WHEN (i.finished_at >= now()) THEN NULL::integer
                    WHEN (i.finished_at >= (now() - '7 days'::interval)) THEN 7
                    WHEN (i.finished_at >= (now() - '30 days'::interval)) THEN 30
                    WHEN (i.finished_at >= (now() - '90 days'::interval)) THEN 90
                    WHEN (i.finished_at >= (now() - '365 days'::interval)) THEN 365
                    ELSE NULL::integer
                END AS ended,
            (EXTRACT(epoch FROM (i.finished_at - i.started_at)))::double precision AS seconds,
            (EXISTS ( SELECT
                   FROM public.workflows_incident n
                  WHERE (n.instance_id = i.id))) AS stood
           FROM public.workflows_instance i
          WHERE ((i.started_at >= (now() - '365 days'::interval)) OR (i.finished_at >= (now() - '365 days'::interval)))
        ), alike AS MATERIALIZED (
         SELECT narrow.definition_id,
            narrow.version_id,
            narrow.outcome,
            narrow.breached,
            narrow.status,
            narrow.stood,
            narrow.began,
            narrow.ended,
            count(*) AS n
           FROM narrow
          GROUP BY narrow.definition_id, narrow.version_id, narrow.outcome, narrow.breached, narrow.status, narrow.stood, narrow.began, narrow.ended
        ), counted AS (
         SELECT periods.days,
            COALESCE(alike.definition_id, (0)::bigint) AS definition_id,
            COALESCE(alike.version_id, (0)::bigint) AS version_id,
            (COALESCE(sum(alike.n) FILTER (WHERE (alike.began <= periods.days)), (0)::numeric))::bigint AS started,
            (COALESCE(sum(alike.n) FILTER (WHERE ((alike.ended <= periods.days) AND ((alike.status)::text = 'finished'::text))), (0)::numeric))::bigint AS finished,
            (COALESCE(sum(alike.n) FILTER (WHERE ((alike.ended <= periods.days) AND ((alike.status)::text = 'cancelled'::text))), (0)::numeric))::bigint AS cancelled,
            (COALESCE(sum(alike.n) FILTER (WHERE ((alike.ended <= periods.days) AND ((alike.status)::text = 'finished'::text) AND (NOT alike.stood))), (0)::numeric))::bigint AS succeeded,
            (COALESCE(sum(alike.n) FILTER (WHERE ((alike.ended <= periods.days) AND alike.breached)), (0)::numeric))::bigint AS breached
           FROM (alike
             JOIN periods ON (((alike.began <= periods.days) OR (alike.ended <= periods.days))))
          GROUP BY GROUPING SETS ((periods.days), (periods.days, alike.definition_id), (periods.days, alike.definition_id, alike.version_id))
        ), outcomes AS (
         SELECT o_1.days,
            o_1.definition_id,
            o_1.version_id,
            jsonb_object_agg(o_1.outcome, o_1.n) AS outcomes
           FROM ( SELECT periods.days,
                    COALESCE(alike.definition_id, (0)::bigint) AS definition_id,
                    COALESCE(alike.version_id, (0)::bigint) AS version_id,
                    alike.outcome,
                    (sum(alike.n))::bigint AS n
                   FROM (alike
                     JOIN periods ON ((alike.ended <= periods.days)))
                  WHERE ((alike.status)::text = 'finished'::text)
                  GROUP BY GROUPING SETS ((periods.days, alike.outcome), (periods.days, alike.definition_id, alike.outcome), (periods.days, alike.definition_id, alike.version_id, alike.outcome))) o_1
          GROUP BY o_1.days, o_1.definition_id, o_1.version_id
        ), durations AS (
         SELECT periods.days,
            COALESCE(narrow.definition_id, (0)::bigint) AS definition_id,
            COALESCE(narrow.version_id, (0)::bigint) AS version_id,
            percentile_cont((ARRAY[0.5, 0.95])::double precision[]) WITHIN GROUP (ORDER BY narrow.seconds) AS duration
           FROM (narrow
             JOIN periods ON ((narrow.ended <= periods.days)))
          WHERE ((narrow.status)::text = 'finished'::text)
          GROUP BY GROUPING SETS ((periods.days), (periods.days, narrow.definition_id), (periods.days, narrow.definition_id, narrow.version_id))
        )
 SELECT c.days,
    c.definition_id,
    c.version_id,
    c.started,
    c.finished,
    c.cancelled,
    c.succeeded,
    c.breached,
    d.duration,
    COALESCE(o.outcomes, '{}'::jsonb) AS outcomes,
    now() AS as_of
   FROM ((counted c
     LEFT JOIN durations d USING (days, definition_id, version_id))
     LEFT JOIN outcomes o USING (days, definition_id, version_id))
  WITH NO DATA;
CREATE TABLE public.workflows_shift (
    id bigint NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(120) NOT NULL,
    begins time without time zone NOT NULL,
    ends time without time zone NOT NULL
);
ALTER TABLE public.workflows_shift ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_shift_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_slaclock (
    id bigint NOT NULL,
    token integer,
    step character varying(40) NOT NULL,
    spec jsonb NOT NULL,
    target_seconds integer NOT NULL,
    spent_seconds integer NOT NULL,
    state character varying(8) NOT NULL,
    pause_reason character varying(200) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    resumed_at timestamp with time zone NOT NULL,
    paused_at timestamp with time zone,
    due_at timestamp with time zone,
    warned_at timestamp with time zone,
    breached_at timestamp with time zone,
    stopped_at timestamp with time zone,
    rungs_taken smallint NOT NULL,
    instance_id uuid NOT NULL,
    task_id uuid,
    calendar_id bigint,
    paused_seconds integer NOT NULL,
    CONSTRAINT workflows_slaclock_paused_seconds_check CHECK ((paused_seconds >= 0)),
    CONSTRAINT workflows_slaclock_rungs_taken_check CHECK ((rungs_taken >= 0)),
    CONSTRAINT workflows_slaclock_spent_seconds_check CHECK ((spent_seconds >= 0)),
    CONSTRAINT workflows_slaclock_target_seconds_check CHECK ((target_seconds >= 0)),
    CONSTRAINT workflows_slaclock_token_check CHECK ((token >= 0))
);
ALTER TABLE public.workflows_slaclock ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_slaclock_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_steprun (
    id bigint NOT NULL,
    step character varying(40) NOT NULL,
    kind character varying(16) NOT NULL,
    token integer NOT NULL,
    round integer NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    begun_at timestamp with time zone,
    left_at timestamp with time zone,
    outcome character varying(40) NOT NULL,
    failed boolean NOT NULL,
    breached boolean NOT NULL,
    worked_ms bigint NOT NULL,
    instance_id uuid NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT workflows_steprun_round_check CHECK ((round >= 0)),
    CONSTRAINT workflows_steprun_token_check CHECK ((token >= 0))
);
CREATE MATERIALIZED VIEW public.workflows_step_figures AS
 WITH RECURSIVE known AS (
        ( SELECT workflows_steprun.version_id,
            workflows_steprun.step
           FROM public.workflows_steprun
          ORDER BY workflows_steprun.version_id, workflows_steprun.step
         LIMIT 1)
        UNION ALL
         SELECT n.version_id,
            n.step
           FROM (known k
             CROSS JOIN LATERAL ( SELECT s_1.version_id,
                    s_1.step
                   FROM public.workflows_steprun s_1
                  WHERE (ROW(s_1.version_id, (s_1.step)::text) > ROW(k.version_id, (k.step)::text))
                  ORDER BY s_1.version_id, s_1.step
                 LIMIT 1) n)
        ), places AS MATERIALIZED (
         SELECT k.version_id,
            k.step,
            v.definition_id,
            (row_number() OVER (ORDER BY k.version_id, k.step))::integer AS place,
            (dense_rank() OVER (ORDER BY v.definition_id, k.step))::integer AS whole
           FROM (known k
             JOIN public.workflows_definitionversion v ON ((v.id = k.version_id)))
        ), periods(days) AS (
         VALUES (7), (30), (90), (365)
        ), narrow AS MATERIALIZED (
         SELECT p_1.place,
            p_1.whole,
            s_1.kind,
                CASE
                    WHEN (s_1.entered_at >= (now() - '7 days'::interval)) THEN 7
                    WHEN (s_1.entered_at >= (now() - '30 days'::interval)) THEN 30
                    WHEN (s_1.entered_at >= (now() - '90 days'::interval)) THEN 90
                    ELSE 365
                END AS age,
            s_1.breached,
            s_1.failed,
            (s_1.round > 1) AS again,
            (s_1.left_at IS NOT NULL) AS gone,
            s_1.worked_ms,
            (EXTRACT(epoch FROM (COALESCE(s_1.begun_at, s_1.left_at) - s_1.entered_at)))::double precision AS waited,
            (GREATEST(EXTRACT(epoch FROM (s_1.left_at - s_1.begun_at)), (0)::numeric))::double precision AS worked,
            EXTRACT(epoch FROM (s_1.left_at - s_1.entered_at)) AS spent
           FROM (public.workflows_steprun s_1
             JOIN places p_1 ON (((p_1.version_id = s_1.version_id) AND ((p_1.step)::text = (s_1.step)::text))))
          WHERE ((s_1.entered_at >= (now() - '365 days'::interval)) AND (s_1.entered_at < now()))
        ), alike AS MATERIALIZED (
         SELECT narrow.place,
            narrow.whole,
            narrow.age,
            max((narrow.kind)::text) AS kind,
            count(*) AS volume,
            count(*) FILTER (WHERE narrow.gone) AS "left",
            count(*) FILTER (WHERE narrow.breached) AS breached,
            count(*) FILTER (WHERE narrow.failed) AS failed,
            count(*) FILTER (WHERE narrow.again) AS reworked,
            sum(narrow.spent) AS spent,
            sum(narrow.worked_ms) AS worked_ms
           FROM narrow
          GROUP BY narrow.place, narrow.whole, narrow.age
        ), counted AS (
         SELECT periods.days,
            alike.whole,
            alike.place,
            max(alike.kind) AS kind,
            (sum(alike.volume))::bigint AS volume,
            (sum(alike."left"))::bigint AS "left",
            (sum(alike.breached))::bigint AS breached,
            (sum(alike.failed))::bigint AS failed,
            (sum(alike.reworked))::bigint AS reworked,
            (COALESCE(sum(alike.spent), (0)::numeric))::double precision AS spent,
            ((sum(alike.worked_ms) / 1000.0))::double precision AS machine
           FROM (alike
             JOIN periods ON ((alike.age <= periods.days)))
          GROUP BY GROUPING SETS ((periods.days, alike.whole), (periods.days, alike.whole, alike.place))
        ), alone AS (
         SELECT alike.whole,
            min(alike.place) AS place
           FROM alike
          GROUP BY alike.whole
         HAVING (count(DISTINCT alike.place) = 1)
        ), of_places AS MATERIALIZED (
         SELECT periods.days,
            narrow.place,
            percentile_cont((ARRAY[0.5, 0.95])::double precision[]) WITHIN GROUP (ORDER BY narrow.waited) AS waiting,
            percentile_cont((ARRAY[0.5, 0.95])::double precision[]) WITHIN GROUP (ORDER BY narrow.worked) AS working
           FROM (narrow
             JOIN periods ON ((narrow.age <= periods.days)))
          GROUP BY periods.days, narrow.place
        ), of_wholes AS (
         SELECT periods.days,
            narrow.whole,
            percentile_cont((ARRAY[0.5, 0.95])::double precision[]) WITHIN GROUP (ORDER BY narrow.waited) AS waiting,
            percentile_cont((ARRAY[0.5, 0.95])::double precision[]) WITHIN GROUP (ORDER BY narrow.worked) AS working
           FROM (narrow
             JOIN periods ON ((narrow.age <= periods.days)))
          WHERE (NOT (narrow.whole IN ( SELECT alone.whole
                   FROM alone)))
          GROUP BY periods.days, narrow.whole
        ), spreads AS (
         SELECT of_places.days,
            of_places.place,
            0 AS whole,
            of_places.waiting,
            of_places.working
           FROM of_places
        UNION ALL
         SELECT of_wholes.days,
            0,
            of_wholes.whole,
            of_wholes.waiting,
            of_wholes.working
           FROM of_wholes
        UNION ALL
         SELECT of_places.days,
            0,
            alone.whole,
            of_places.waiting,
            of_places.working
           FROM (of_places
             JOIN alone USING (place))
        )
 SELECT c.days,
    w.definition_id,
    COALESCE(p.version_id, (0)::bigint) AS version_id,
    w.step,
    c.kind,
    c.volume,
    c."left",
    (c.volume - c."left") AS open,
    c.breached,
    c.failed,
    c.reworked,
    s.waiting,
    s.working,
    c.spent,
    c.machine,
    now() AS as_of
   FROM (((counted c
     JOIN ( SELECT DISTINCT places.whole,
            places.definition_id,
            places.step
           FROM places) w ON ((w.whole = c.whole)))
     LEFT JOIN places p ON ((p.place = c.place)))
     JOIN spreads s ON (((s.days = c.days) AND (s.place = COALESCE(c.place, 0)) AND (s.whole =
        CASE
            WHEN (c.place IS NULL) THEN c.whole
            ELSE 0
        END))))
  WITH NO DATA;
ALTER TABLE public.workflows_steprun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_steprun_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_subscription (
    id bigint NOT NULL,
    token integer NOT NULL,
    event character varying(60) NOT NULL,
    key character varying(120) NOT NULL,
    instance_id uuid NOT NULL,
    CONSTRAINT workflows_subscription_token_check CHECK ((token >= 0))
);
ALTER TABLE public.workflows_subscription ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_subscription_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_taskcomment (
    id bigint NOT NULL,
    text text NOT NULL,
    at timestamp with time zone NOT NULL,
    by_id bigint NOT NULL,
    task_id uuid NOT NULL
);
ALTER TABLE public.workflows_taskcomment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_taskcomment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_tasklink (
    id bigint NOT NULL,
    digest character varying(64) NOT NULL,
    document_version integer,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    task_id uuid NOT NULL,
    user_id bigint NOT NULL,
    handed_at timestamp with time zone,
    CONSTRAINT workflows_tasklink_document_version_check CHECK ((document_version >= 0))
);
ALTER TABLE public.workflows_tasklink ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_tasklink_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.workflows_timer (
    id bigint NOT NULL,
    token integer,
    task_id uuid,
    kind character varying(16) NOT NULL,
    name character varying(60) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    data jsonb NOT NULL,
    state character varying(8) NOT NULL,
    fired_at timestamp with time zone,
    instance_id uuid,
    CONSTRAINT workflows_timer_token_check CHECK ((token >= 0))
);
ALTER TABLE public.workflows_timer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_timer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE MATERIALIZED VIEW public.workflows_trend_figures AS
 WITH narrow AS MATERIALIZED (
         SELECT workflows_instance.definition_id,
            workflows_instance.started_at,
            workflows_instance.finished_at,
            workflows_instance.status,
            workflows_instance.breached,
            EXTRACT(epoch FROM (workflows_instance.finished_at - workflows_instance.started_at)) AS seconds
           FROM public.workflows_instance
          WHERE ((workflows_instance.started_at >= (now() - '400 days'::interval)) OR (workflows_instance.finished_at >= (now() - '400 days'::interval)))
        ), moments AS (
         SELECT narrow.definition_id,
            narrow.started_at AS at,
            true AS start,
            ''::character varying AS status,
            false AS breached,
            NULL::numeric AS seconds
           FROM narrow
        UNION ALL
         SELECT narrow.definition_id,
            narrow.finished_at,
            false,
            narrow.status,
            narrow.breached,
            narrow.seconds
           FROM narrow
          WHERE (narrow.finished_at IS NOT NULL)
        )
 SELECT g.grain,
    COALESCE(moments.definition_id, (0)::bigint) AS definition_id,
    date_trunc(g.grain, moments.at, 'Asia/Kolkata'::text) AS point,
    count(*) FILTER (WHERE moments.start) AS started,
    count(*) FILTER (WHERE ((moments.status)::text = 'finished'::text)) AS finished,
    count(*) FILTER (WHERE ((moments.status)::text = 'cancelled'::text)) AS cancelled,
    count(*) FILTER (WHERE moments.breached) AS breached,
    percentile_cont((ARRAY[0.5, 0.95])::double precision[]) WITHIN GROUP (ORDER BY ((moments.seconds)::double precision)) FILTER (WHERE ((moments.status)::text = 'finished'::text)) AS duration,
    now() AS as_of
   FROM (moments
     CROSS JOIN ( VALUES ('day'::text), ('week'::text), ('month'::text)) g(grain))
  WHERE ((moments.at >= (now() - '400 days'::interval)) AND (moments.at < now()))
  GROUP BY GROUPING SETS ((g.grain, (date_trunc(g.grain, moments.at, 'Asia/Kolkata'::text))), (g.grain, moments.definition_id, (date_trunc(g.grain, moments.at, 'Asia/Kolkata'::text))))
  WITH NO DATA;
CREATE TABLE public.workflows_trial (
    id uuid NOT NULL,
    definition character varying(40) NOT NULL,
    last integer NOT NULL,
    department character varying(40) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    state character varying(16) NOT NULL,
    result jsonb,
    by_id bigint,
    CONSTRAINT workflows_trial_last_check CHECK ((last >= 0))
);
CREATE MATERIALIZED VIEW public.workflows_work_figures AS
 WITH narrow AS MATERIALIZED (
         SELECT d_1.by_id AS person,
            t.department_id AS department,
            d_1.at,
            EXTRACT(epoch FROM (d_1.at - t.opened_at)) AS seconds
           FROM (public.workflows_decision d_1
             JOIN public.workflows_humantask t ON ((t.id = d_1.task_id)))
          WHERE ((d_1.at >= (now() - '365 days'::interval)) AND (d_1.at < now()))
        )
 SELECT d.days,
        CASE
            WHEN (GROUPING(narrow.person) = 0) THEN 'person'::text
            ELSE 'department'::text
        END AS of,
    COALESCE(
        CASE
            WHEN (GROUPING(narrow.person) = 0) THEN narrow.person
            ELSE narrow.department
        END, (0)::bigint) AS who,
    count(*) AS decided,
    percentile_cont((0.5)::double precision) WITHIN GROUP (ORDER BY ((narrow.seconds)::double precision)) AS median,
    now() AS as_of
   FROM (narrow
     CROSS JOIN ( VALUES (7), (30), (90), (365)) d(days))
  WHERE (narrow.at >= (now() - make_interval(days => d.days)))
  GROUP BY GROUPING SETS ((d.days, narrow.person), (d.days, narrow.department))
  WITH NO DATA;
CREATE TABLE public.workflows_workcalendar (
    id bigint NOT NULL,
    key character varying(40) NOT NULL,
    name character varying(120) NOT NULL,
    time_zone character varying(40) NOT NULL,
    always boolean NOT NULL,
    hours jsonb NOT NULL,
    second_saturdays_off boolean NOT NULL
);
ALTER TABLE public.workflows_workcalendar ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.workflows_workcalendar_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
INSERT INTO public.auth_permission VALUES
	(1, 'Can add log entry', 1, 'add_logentry'),
	(2, 'Can change log entry', 1, 'change_logentry'),
	(3, 'Can delete log entry', 1, 'delete_logentry'),
	(4, 'Can view log entry', 1, 'view_logentry'),
	(5, 'Can add permission', 2, 'add_permission'),
	(6, 'Can change permission', 2, 'change_permission'),
	(7, 'Can delete permission', 2, 'delete_permission'),
	(8, 'Can view permission', 2, 'view_permission'),
	(9, 'Can add group', 3, 'add_group'),
	(10, 'Can change group', 3, 'change_group'),
	(11, 'Can delete group', 3, 'delete_group'),
	(12, 'Can view group', 3, 'view_group'),
	(13, 'Can add content type', 4, 'add_contenttype'),
	(14, 'Can change content type', 4, 'change_contenttype'),
	(15, 'Can delete content type', 4, 'delete_contenttype'),
	(16, 'Can view content type', 4, 'view_contenttype'),
	(17, 'Can add session', 5, 'add_session'),
	(18, 'Can change session', 5, 'change_session'),
	(19, 'Can delete session', 5, 'delete_session'),
	(20, 'Can view session', 5, 'view_session'),
	(21, 'Can add task result', 6, 'add_taskresult'),
	(22, 'Can change task result', 6, 'change_taskresult'),
	(23, 'Can delete task result', 6, 'delete_taskresult'),
	(24, 'Can view task result', 6, 'view_taskresult'),
	(25, 'Can add chord counter', 7, 'add_chordcounter'),
	(26, 'Can change chord counter', 7, 'change_chordcounter'),
	(27, 'Can delete chord counter', 7, 'delete_chordcounter'),
	(28, 'Can view chord counter', 7, 'view_chordcounter'),
	(29, 'Can add group result', 8, 'add_groupresult'),
	(30, 'Can change group result', 8, 'change_groupresult'),
	(31, 'Can delete group result', 8, 'delete_groupresult'),
	(32, 'Can view group result', 8, 'view_groupresult'),
	(33, 'Can add department', 9, 'add_department'),
	(34, 'Can change department', 9, 'change_department'),
	(35, 'Can delete department', 9, 'delete_department'),
	(36, 'Can view department', 9, 'view_department'),
	(37, 'Can add user', 10, 'add_user'),
	(38, 'Can change user', 10, 'change_user'),
	(39, 'Can delete user', 10, 'delete_user'),
	(40, 'Can view user', 10, 'view_user'),
	(41, 'Can add API key', 11, 'add_apikey'),
	(42, 'Can change API key', 11, 'change_apikey'),
	(43, 'Can delete API key', 11, 'delete_apikey'),
	(44, 'Can view API key', 11, 'view_apikey'),
	(45, 'Can add history entry', 12, 'add_historyentry'),
	(46, 'Can change history entry', 12, 'change_historyentry'),
	(47, 'Can delete history entry', 12, 'delete_historyentry'),
	(48, 'Can view history entry', 12, 'view_historyentry'),
	(49, 'Can add membership', 13, 'add_membership'),
	(50, 'Can change membership', 13, 'change_membership'),
	(51, 'Can delete membership', 13, 'delete_membership'),
	(52, 'Can view membership', 13, 'view_membership'),
	(53, 'Can add history seal', 14, 'add_historyseal'),
	(54, 'Can change history seal', 14, 'change_historyseal'),
	(55, 'Can delete history seal', 14, 'delete_historyseal'),
	(56, 'Can view history seal', 14, 'view_historyseal'),
	(57, 'Can add event', 15, 'add_event'),
	(58, 'Can change event', 15, 'change_event'),
	(59, 'Can delete event', 15, 'delete_event'),
	(60, 'Can view event', 15, 'view_event'),
	(61, 'Can add head', 16, 'add_head'),
	(62, 'Can change head', 16, 'change_head'),
	(63, 'Can delete head', 16, 'delete_head'),
	(64, 'Can view head', 16, 'view_head'),
	(65, 'Can add ticket', 17, 'add_ticket'),
	(66, 'Can change ticket', 17, 'change_ticket'),
	(67, 'Can delete ticket', 17, 'delete_ticket'),
	(68, 'Can view ticket', 17, 'view_ticket'),
	(69, 'Can add notice preferences', 18, 'add_noticepreferences'),
	(70, 'Can change notice preferences', 18, 'change_noticepreferences'),
	(71, 'Can delete notice preferences', 18, 'delete_noticepreferences'),
	(72, 'Can view notice preferences', 18, 'view_noticepreferences'),
	(73, 'Can add digest', 19, 'add_digest'),
	(74, 'Can change digest', 19, 'change_digest'),
	(75, 'Can delete digest', 19, 'delete_digest'),
	(76, 'Can view digest', 19, 'view_digest'),
	(77, 'Can add follow', 20, 'add_follow'),
	(78, 'Can change follow', 20, 'change_follow'),
	(79, 'Can delete follow', 20, 'delete_follow'),
	(80, 'Can view follow', 20, 'view_follow'),
	(81, 'Can add notice', 21, 'add_notice'),
	(82, 'Can change notice', 21, 'change_notice'),
	(83, 'Can delete notice', 21, 'delete_notice'),
	(84, 'Can view notice', 21, 'view_notice'),
	(85, 'Can add queue', 22, 'add_queue'),
	(86, 'Can change queue', 22, 'change_queue'),
	(87, 'Can delete queue', 22, 'delete_queue'),
	(88, 'Can view queue', 22, 'view_queue'),
	(89, 'Can add worker', 23, 'add_worker'),
	(90, 'Can change worker', 23, 'change_worker'),
	(91, 'Can delete worker', 23, 'delete_worker'),
	(92, 'Can view worker', 23, 'view_worker'),
	(93, 'Can add job', 24, 'add_job'),
	(94, 'Can change job', 24, 'change_job'),
	(95, 'Can delete job', 24, 'delete_job'),
	(96, 'Can view job', 24, 'view_job'),
	(97, 'Can add minute', 25, 'add_minute'),
	(98, 'Can change minute', 25, 'change_minute'),
	(99, 'Can delete minute', 25, 'delete_minute'),
	(100, 'Can view minute', 25, 'view_minute'),
	(101, 'Can add lookout', 26, 'add_lookout'),
	(102, 'Can change lookout', 26, 'change_lookout'),
	(103, 'Can delete lookout', 26, 'delete_lookout'),
	(104, 'Can view lookout', 26, 'view_lookout'),
	(105, 'Can add alert', 27, 'add_alert'),
	(106, 'Can change alert', 27, 'change_alert'),
	(107, 'Can delete alert', 27, 'delete_alert'),
	(108, 'Can view alert', 27, 'view_alert'),
	(109, 'Can add forecast', 28, 'add_forecast'),
	(110, 'Can change forecast', 28, 'change_forecast'),
	(111, 'Can delete forecast', 28, 'delete_forecast'),
	(112, 'Can view forecast', 28, 'view_forecast'),
	(113, 'Can add death', 29, 'add_death'),
	(114, 'Can change death', 29, 'change_death'),
	(115, 'Can delete death', 29, 'delete_death'),
	(116, 'Can view death', 29, 'view_death'),
	(117, 'Can add blob', 30, 'add_blob'),
	(118, 'Can change blob', 30, 'change_blob'),
	(119, 'Can delete blob', 30, 'delete_blob'),
	(120, 'Can view blob', 30, 'view_blob'),
	(121, 'Can add batch', 31, 'add_batch'),
	(122, 'Can change batch', 31, 'change_batch'),
	(123, 'Can delete batch', 31, 'delete_batch'),
	(124, 'Can view batch', 31, 'view_batch'),
	(125, 'Can add idempotent request', 32, 'add_idempotentrequest'),
	(126, 'Can change idempotent request', 32, 'change_idempotentrequest'),
	(127, 'Can delete idempotent request', 32, 'delete_idempotentrequest'),
	(128, 'Can view idempotent request', 32, 'view_idempotentrequest'),
	(129, 'Can add refused', 33, 'add_refused'),
	(130, 'Can change refused', 33, 'change_refused'),
	(131, 'Can delete refused', 33, 'delete_refused'),
	(132, 'Can view refused', 33, 'view_refused'),
	(133, 'Can add source', 34, 'add_source'),
	(134, 'Can change source', 34, 'change_source'),
	(135, 'Can delete source', 34, 'delete_source'),
	(136, 'Can view source', 34, 'view_source'),
	(137, 'Can add document', 35, 'add_document'),
	(138, 'Can change document', 35, 'change_document'),
	(139, 'Can delete document', 35, 'delete_document'),
	(140, 'Can view document', 35, 'view_document'),
	(141, 'Can add version', 36, 'add_version'),
	(142, 'Can change version', 36, 'change_version'),
	(143, 'Can delete version', 36, 'delete_version'),
	(144, 'Can view version', 36, 'view_version'),
	(145, 'Can add page', 37, 'add_page'),
	(146, 'Can change page', 37, 'change_page'),
	(147, 'Can delete page', 37, 'delete_page'),
	(148, 'Can view page', 37, 'view_page'),
	(149, 'Can add page index', 38, 'add_pageindex'),
	(150, 'Can change page index', 38, 'change_pageindex'),
	(151, 'Can delete page index', 38, 'delete_pageindex'),
	(152, 'Can view page index', 38, 'view_pageindex'),
	(153, 'Can add storage round', 39, 'add_storageround'),
	(154, 'Can change storage round', 39, 'change_storageround'),
	(155, 'Can delete storage round', 39, 'delete_storageround'),
	(156, 'Can view storage round', 39, 'view_storageround'),
	(157, 'Can add day of the receipt ledger', 40, 'add_ledgerday'),
	(158, 'Can change day of the receipt ledger', 40, 'change_ledgerday'),
	(159, 'Can delete day of the receipt ledger', 40, 'delete_ledgerday'),
	(160, 'Can view day of the receipt ledger', 40, 'view_ledgerday'),
	(161, 'Can add saved view', 41, 'add_savedview'),
	(162, 'Can change saved view', 41, 'change_savedview'),
	(163, 'Can delete saved view', 41, 'delete_savedview'),
	(164, 'Can view saved view', 41, 'view_savedview'),
	(165, 'Can add share', 42, 'add_share'),
	(166, 'Can change share', 42, 'change_share'),
	(167, 'Can delete share', 42, 'delete_share'),
	(168, 'Can view share', 42, 'view_share'),
	(169, 'Can add remembered time', 43, 'add_rememberedtime'),
	(170, 'Can change remembered time', 43, 'change_rememberedtime'),
	(171, 'Can delete remembered time', 43, 'delete_rememberedtime'),
	(172, 'Can view remembered time', 43, 'view_rememberedtime'),
	(173, 'Can add shift', 44, 'add_shift'),
	(174, 'Can change shift', 44, 'change_shift'),
	(175, 'Can delete shift', 44, 'delete_shift'),
	(176, 'Can view shift', 44, 'view_shift'),
	(177, 'Can add calendar', 45, 'add_workcalendar'),
	(178, 'Can change calendar', 45, 'change_workcalendar'),
	(179, 'Can delete calendar', 45, 'delete_workcalendar'),
	(180, 'Can view calendar', 45, 'view_workcalendar'),
	(181, 'Can add definition', 46, 'add_definition'),
	(182, 'Can change definition', 46, 'change_definition'),
	(183, 'Can delete definition', 46, 'delete_definition'),
	(184, 'Can view definition', 46, 'view_definition'),
	(185, 'Can add definition version', 47, 'add_definitionversion'),
	(186, 'Can change definition version', 47, 'change_definitionversion'),
	(187, 'Can delete definition version', 47, 'delete_definitionversion'),
	(188, 'Can view definition version', 47, 'view_definitionversion'),
	(189, 'Can add task', 48, 'add_humantask'),
	(190, 'Can change task', 48, 'change_humantask'),
	(191, 'Can delete task', 48, 'delete_humantask'),
	(192, 'Can view task', 48, 'view_humantask'),
	(193, 'Can add exclusion', 49, 'add_exclusion'),
	(194, 'Can change exclusion', 49, 'change_exclusion'),
	(195, 'Can delete exclusion', 49, 'delete_exclusion'),
	(196, 'Can view exclusion', 49, 'view_exclusion'),
	(197, 'Can add decision', 50, 'add_decision'),
	(198, 'Can change decision', 50, 'change_decision'),
	(199, 'Can delete decision', 50, 'delete_decision'),
	(200, 'Can view decision', 50, 'view_decision'),
	(201, 'Can add candidate', 51, 'add_candidate'),
	(202, 'Can change candidate', 51, 'change_candidate'),
	(203, 'Can delete candidate', 51, 'delete_candidate'),
	(204, 'Can view candidate', 51, 'view_candidate'),
	(205, 'Can add acknowledgement', 52, 'add_acknowledgement'),
	(206, 'Can change acknowledgement', 52, 'change_acknowledgement'),
	(207, 'Can delete acknowledgement', 52, 'delete_acknowledgement'),
	(208, 'Can view acknowledgement', 52, 'view_acknowledgement'),
	(209, 'Can add run', 53, 'add_instance'),
	(210, 'Can change run', 53, 'change_instance'),
	(211, 'Can delete run', 53, 'delete_instance'),
	(212, 'Can view run', 53, 'view_instance'),
	(213, 'Can add incident', 54, 'add_incident'),
	(214, 'Can change incident', 54, 'change_incident'),
	(215, 'Can delete incident', 54, 'delete_incident'),
	(216, 'Can view incident', 54, 'view_incident'),
	(217, 'Can add way taken', 55, 'add_routing'),
	(218, 'Can change way taken', 55, 'change_routing'),
	(219, 'Can delete way taken', 55, 'delete_routing'),
	(220, 'Can view way taken', 55, 'view_routing'),
	(221, 'Can add duty', 56, 'add_duty'),
	(222, 'Can change duty', 56, 'change_duty'),
	(223, 'Can delete duty', 56, 'delete_duty'),
	(224, 'Can view duty', 56, 'view_duty'),
	(225, 'Can add step run', 57, 'add_steprun'),
	(226, 'Can change step run', 57, 'change_steprun'),
	(227, 'Can delete step run', 57, 'delete_steprun'),
	(228, 'Can view step run', 57, 'view_steprun'),
	(229, 'Can add subscription', 58, 'add_subscription'),
	(230, 'Can change subscription', 58, 'change_subscription'),
	(231, 'Can delete subscription', 58, 'delete_subscription'),
	(232, 'Can view subscription', 58, 'view_subscription'),
	(233, 'Can add task comment', 59, 'add_taskcomment'),
	(234, 'Can change task comment', 59, 'change_taskcomment'),
	(235, 'Can delete task comment', 59, 'delete_taskcomment'),
	(236, 'Can view task comment', 59, 'view_taskcomment'),
	(237, 'Can add task link', 60, 'add_tasklink'),
	(238, 'Can change task link', 60, 'change_tasklink'),
	(239, 'Can delete task link', 60, 'delete_tasklink'),
	(240, 'Can view task link', 60, 'view_tasklink'),
	(241, 'Can add timer', 61, 'add_timer'),
	(242, 'Can change timer', 61, 'change_timer'),
	(243, 'Can delete timer', 61, 'delete_timer'),
	(244, 'Can view timer', 61, 'view_timer'),
	(245, 'Can add sla clock', 62, 'add_slaclock'),
	(246, 'Can change sla clock', 62, 'change_slaclock'),
	(247, 'Can delete sla clock', 62, 'delete_slaclock'),
	(248, 'Can view sla clock', 62, 'view_slaclock'),
	(249, 'Can add holiday', 63, 'add_holiday'),
	(250, 'Can change holiday', 63, 'change_holiday'),
	(251, 'Can delete holiday', 63, 'delete_holiday'),
	(252, 'Can view holiday', 63, 'view_holiday'),
	(253, 'Can add absence', 64, 'add_absence'),
	(254, 'Can change absence', 64, 'change_absence'),
	(255, 'Can delete absence', 64, 'delete_absence'),
	(256, 'Can view absence', 64, 'view_absence'),
	(257, 'Can add kept news', 65, 'add_keptnews'),
	(258, 'Can change kept news', 65, 'change_keptnews'),
	(259, 'Can delete kept news', 65, 'delete_keptnews'),
	(260, 'Can view kept news', 65, 'view_keptnews'),
	(261, 'Can add dependency', 66, 'add_dependency'),
	(262, 'Can change dependency', 66, 'change_dependency'),
	(263, 'Can delete dependency', 66, 'delete_dependency'),
	(264, 'Can view dependency', 66, 'view_dependency'),
	(265, 'Can add trial', 67, 'add_trial'),
	(266, 'Can change trial', 67, 'change_trial'),
	(267, 'Can delete trial', 67, 'delete_trial'),
	(268, 'Can view trial', 67, 'view_trial');
INSERT INTO public.django_content_type VALUES
	(1, 'admin', 'logentry'),
	(2, 'auth', 'permission'),
	(3, 'auth', 'group'),
	(4, 'contenttypes', 'contenttype'),
	(5, 'sessions', 'session'),
	(6, 'django_celery_results', 'taskresult'),
	(7, 'django_celery_results', 'chordcounter'),
	(8, 'django_celery_results', 'groupresult'),
	(9, 'accounts', 'department'),
	(10, 'accounts', 'user'),
	(11, 'accounts', 'apikey'),
	(12, 'accounts', 'historyentry'),
	(13, 'accounts', 'membership'),
	(14, 'accounts', 'historyseal'),
	(15, 'realtime', 'event'),
	(16, 'realtime', 'head'),
	(17, 'realtime', 'ticket'),
	(18, 'realtime', 'noticepreferences'),
	(19, 'realtime', 'digest'),
	(20, 'realtime', 'follow'),
	(21, 'realtime', 'notice'),
	(22, 'jobs', 'queue'),
	(23, 'jobs', 'worker'),
	(24, 'jobs', 'job'),
	(25, 'jobs', 'minute'),
	(26, 'jobs', 'lookout'),
	(27, 'jobs', 'alert'),
	(28, 'jobs', 'forecast'),
	(29, 'jobs', 'death'),
	(30, 'documents', 'blob'),
	(31, 'documents', 'batch'),
	(32, 'documents', 'idempotentrequest'),
	(33, 'documents', 'refused'),
	(34, 'documents', 'source'),
	(35, 'documents', 'document'),
	(36, 'documents', 'version'),
	(37, 'documents', 'page'),
	(38, 'documents', 'pageindex'),
	(39, 'documents', 'storageround'),
	(40, 'documents', 'ledgerday'),
	(41, 'documents', 'savedview'),
	(42, 'documents', 'share'),
	(43, 'documents', 'rememberedtime'),
	(44, 'workflows', 'shift'),
	(45, 'workflows', 'workcalendar'),
	(46, 'workflows', 'definition'),
	(47, 'workflows', 'definitionversion'),
	(48, 'workflows', 'humantask'),
	(49, 'workflows', 'exclusion'),
	(50, 'workflows', 'decision'),
	(51, 'workflows', 'candidate'),
	(52, 'workflows', 'acknowledgement'),
	(53, 'workflows', 'instance'),
	(54, 'workflows', 'incident'),
	(55, 'workflows', 'routing'),
	(56, 'workflows', 'duty'),
	(57, 'workflows', 'steprun'),
	(58, 'workflows', 'subscription'),
	(59, 'workflows', 'taskcomment'),
	(60, 'workflows', 'tasklink'),
	(61, 'workflows', 'timer'),
	(62, 'workflows', 'slaclock'),
	(63, 'workflows', 'holiday'),
	(64, 'workflows', 'absence'),
	(65, 'workflows', 'keptnews'),
	(66, 'workflows', 'dependency'),
	(67, 'workflows', 'trial');
INSERT INTO public.jobs_queue VALUES
	('high', false),
	('default', false),
	('low', false);
INSERT INTO public.realtime_head VALUES
	(1, 0, 0);
SELECT pg_catalog.setval('public.auth_permission_id_seq', 268, true);
SELECT pg_catalog.setval('public.django_content_type_id_seq', 67, true);
SELECT pg_catalog.setval('public.django_migrations_id_seq', 76, true);
SELECT pg_catalog.setval('public.jobs_turn_0', 0, true);
SELECT pg_catalog.setval('public.jobs_turn_1', 0, true);
SELECT pg_catalog.setval('public.jobs_turn_2', 0, true);
SELECT pg_catalog.setval('public.jobs_turn_3', 0, true);
ALTER TABLE ONLY public.accounts_apikey_departments
    ADD CONSTRAINT accounts_apikey_departme_apikey_id_department_id_1ec97f19_uniq UNIQUE (apikey_id, department_id);
ALTER TABLE ONLY public.accounts_apikey_departments
    ADD CONSTRAINT accounts_apikey_departments_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_apikey
    ADD CONSTRAINT accounts_apikey_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.accounts_apikey
    ADD CONSTRAINT accounts_apikey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_apikey
    ADD CONSTRAINT accounts_apikey_prefix_key UNIQUE (prefix);
ALTER TABLE ONLY public.accounts_department
    ADD CONSTRAINT accounts_department_key_key UNIQUE (key);
ALTER TABLE ONLY public.accounts_department
    ADD CONSTRAINT accounts_department_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_historyentry
    ADD CONSTRAINT accounts_historyentry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_historyseal
    ADD CONSTRAINT accounts_historyseal_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.accounts_membership
    ADD CONSTRAINT accounts_membership_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_user_id_group_id_59c0b32f_uniq UNIQUE (user_id, group_id);
ALTER TABLE ONLY public.accounts_user
    ADD CONSTRAINT accounts_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_permi_user_id_permission_id_2ab516c2_uniq UNIQUE (user_id, permission_id);
ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts_user
    ADD CONSTRAINT accounts_user_username_key UNIQUE (username);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_celery_results_chordcounter
    ADD CONSTRAINT django_celery_results_chordcounter_group_id_key UNIQUE (group_id);
ALTER TABLE ONLY public.django_celery_results_chordcounter
    ADD CONSTRAINT django_celery_results_chordcounter_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_celery_results_groupresult
    ADD CONSTRAINT django_celery_results_groupresult_group_id_key UNIQUE (group_id);
ALTER TABLE ONLY public.django_celery_results_groupresult
    ADD CONSTRAINT django_celery_results_groupresult_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_celery_results_taskresult
    ADD CONSTRAINT django_celery_results_taskresult_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_celery_results_taskresult
    ADD CONSTRAINT django_celery_results_taskresult_task_id_key UNIQUE (task_id);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.documents_batch
    ADD CONSTRAINT documents_batch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_blob
    ADD CONSTRAINT documents_blob_pkey PRIMARY KEY (sha256);
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_newest_id_key UNIQUE (newest_id);
ALTER TABLE ONLY public.documents_document_people
    ADD CONSTRAINT documents_document_people_document_id_user_id_54f5a9f0_uniq UNIQUE (document_id, user_id);
ALTER TABLE ONLY public.documents_document_people
    ADD CONSTRAINT documents_document_people_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_readable_id_key UNIQUE (readable_id);
ALTER TABLE ONLY public.documents_idempotentrequest
    ADD CONSTRAINT documents_idempotentrequest_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_ledgerday
    ADD CONSTRAINT documents_ledgerday_pkey PRIMARY KEY (day);
ALTER TABLE ONLY public.documents_page
    ADD CONSTRAINT documents_page_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_pageindex
    ADD CONSTRAINT documents_pageindex_pkey PRIMARY KEY (page_id);
ALTER TABLE ONLY public.documents_refused
    ADD CONSTRAINT documents_refused_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_rememberedtime
    ADD CONSTRAINT documents_rememberedtime_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_savedview
    ADD CONSTRAINT documents_savedview_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_share
    ADD CONSTRAINT documents_share_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_source
    ADD CONSTRAINT documents_source_key_key UNIQUE (key);
ALTER TABLE ONLY public.documents_source
    ADD CONSTRAINT documents_source_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents_storageround
    ADD CONSTRAINT documents_storageround_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.documents_version
    ADD CONSTRAINT documents_version_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.realtime_follow
    ADD CONSTRAINT followed_once UNIQUE (subject, user_id);
ALTER TABLE ONLY public.jobs_alert
    ADD CONSTRAINT jobs_alert_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.jobs_death
    ADD CONSTRAINT jobs_death_pkey PRIMARY KEY (worker);
ALTER TABLE ONLY public.jobs_forecast
    ADD CONSTRAINT jobs_forecast_pkey PRIMARY KEY (job_id);
ALTER TABLE ONLY public.jobs_job
    ADD CONSTRAINT jobs_job_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.jobs_lookout
    ADD CONSTRAINT jobs_lookout_pkey PRIMARY KEY (scope);
ALTER TABLE ONLY public.jobs_minute
    ADD CONSTRAINT jobs_minute_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.jobs_queue
    ADD CONSTRAINT jobs_queue_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.jobs_worker
    ADD CONSTRAINT jobs_worker_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_acknowledgement
    ADD CONSTRAINT one_acknowledgement_by_person UNIQUE (task_id, user_id);
ALTER TABLE ONLY public.documents_idempotentrequest
    ADD CONSTRAINT one_answer_by_idempotency_key UNIQUE (credential, route, key);
ALTER TABLE ONLY public.workflows_decision
    ADD CONSTRAINT one_decision_by_person UNIQUE (task_id, by_id);
ALTER TABLE ONLY public.workflows_definitionversion
    ADD CONSTRAINT one_definition_by_number UNIQUE (definition_id, number);
ALTER TABLE ONLY public.workflows_dependency
    ADD CONSTRAINT one_dependency_by_key UNIQUE (instance_id, event, key);
ALTER TABLE ONLY public.workflows_exclusion
    ADD CONSTRAINT one_exclusion_by_user UNIQUE (task_id, user_id);
ALTER TABLE ONLY public.accounts_historyentry
    ADD CONSTRAINT one_history_entry_by_sequence UNIQUE (subject_kind, subject_id, sequence);
ALTER TABLE ONLY public.workflows_holiday
    ADD CONSTRAINT one_holiday_by_day UNIQUE (calendar_id, day);
ALTER TABLE ONLY public.workflows_tasklink
    ADD CONSTRAINT one_link_by_person UNIQUE (task_id, user_id);
ALTER TABLE ONLY public.jobs_minute
    ADD CONSTRAINT one_minute_by_queue UNIQUE (at, queue);
ALTER TABLE ONLY public.documents_page
    ADD CONSTRAINT one_page_by_number UNIQUE (version_id, number);
ALTER TABLE ONLY public.accounts_membership
    ADD CONSTRAINT one_role_by_department UNIQUE (user_id, department_id);
ALTER TABLE ONLY public.workflows_routing
    ADD CONSTRAINT one_routing_by_event UNIQUE (document_id, document_version, event);
ALTER TABLE ONLY public.documents_share
    ADD CONSTRAINT one_share_by_department UNIQUE (document_id, department_id);
ALTER TABLE ONLY public.documents_share
    ADD CONSTRAINT one_share_by_person UNIQUE (document_id, user_id);
ALTER TABLE ONLY public.workflows_steprun
    ADD CONSTRAINT one_step_run_by_token UNIQUE (instance_id, token);
ALTER TABLE ONLY public.workflows_subscription
    ADD CONSTRAINT one_subscription_by_token UNIQUE (instance_id, token);
ALTER TABLE ONLY public.documents_version
    ADD CONSTRAINT one_version_by_number UNIQUE (document_id, number);
ALTER TABLE ONLY public.documents_savedview
    ADD CONSTRAINT one_view_by_name UNIQUE (user_id, name);
ALTER TABLE ONLY public.realtime_digest
    ADD CONSTRAINT realtime_digest_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.realtime_event
    ADD CONSTRAINT realtime_event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.realtime_event
    ADD CONSTRAINT realtime_event_position_key UNIQUE ("position");
ALTER TABLE ONLY public.realtime_follow
    ADD CONSTRAINT realtime_follow_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.realtime_head
    ADD CONSTRAINT realtime_head_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.realtime_notice
    ADD CONSTRAINT realtime_notice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.realtime_noticepreferences
    ADD CONSTRAINT realtime_noticepreferences_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.realtime_ticket
    ADD CONSTRAINT realtime_ticket_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.workflows_absence
    ADD CONSTRAINT workflows_absence_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_acknowledgement
    ADD CONSTRAINT workflows_acknowledgement_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_candidate
    ADD CONSTRAINT workflows_candidate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_decision
    ADD CONSTRAINT workflows_decision_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_definition
    ADD CONSTRAINT workflows_definition_key_key UNIQUE (key);
ALTER TABLE ONLY public.workflows_definition
    ADD CONSTRAINT workflows_definition_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_definition
    ADD CONSTRAINT workflows_definition_published_id_key UNIQUE (published_id);
ALTER TABLE ONLY public.workflows_definitionversion
    ADD CONSTRAINT workflows_definitionversion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_dependency
    ADD CONSTRAINT workflows_dependency_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_duty
    ADD CONSTRAINT workflows_duty_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_exclusion
    ADD CONSTRAINT workflows_exclusion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_holiday
    ADD CONSTRAINT workflows_holiday_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_humantask
    ADD CONSTRAINT workflows_humantask_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_incident
    ADD CONSTRAINT workflows_incident_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_instance
    ADD CONSTRAINT workflows_instance_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_keptnews
    ADD CONSTRAINT workflows_keptnews_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_routing
    ADD CONSTRAINT workflows_routing_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_shift
    ADD CONSTRAINT workflows_shift_key_key UNIQUE (key);
ALTER TABLE ONLY public.workflows_shift
    ADD CONSTRAINT workflows_shift_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_slaclock
    ADD CONSTRAINT workflows_slaclock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_steprun
    ADD CONSTRAINT workflows_steprun_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_subscription
    ADD CONSTRAINT workflows_subscription_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_taskcomment
    ADD CONSTRAINT workflows_taskcomment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_tasklink
    ADD CONSTRAINT workflows_tasklink_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.workflows_tasklink
    ADD CONSTRAINT workflows_tasklink_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_timer
    ADD CONSTRAINT workflows_timer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_trial
    ADD CONSTRAINT workflows_trial_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows_workcalendar
    ADD CONSTRAINT workflows_workcalendar_key_key UNIQUE (key);
ALTER TABLE ONLY public.workflows_workcalendar
    ADD CONSTRAINT workflows_workcalendar_pkey PRIMARY KEY (id);
CREATE INDEX accounts_apikey_departments_apikey_id_7002cad8 ON public.accounts_apikey_departments USING btree (apikey_id);
CREATE INDEX accounts_apikey_departments_department_id_843a8958 ON public.accounts_apikey_departments USING btree (department_id);
CREATE INDEX accounts_apikey_digest_b02b5264_like ON public.accounts_apikey USING btree (digest varchar_pattern_ops);
CREATE INDEX accounts_apikey_prefix_2468c39f_like ON public.accounts_apikey USING btree (prefix varchar_pattern_ops);
CREATE INDEX accounts_apikey_user_id_bd902026 ON public.accounts_apikey USING btree (user_id);
CREATE INDEX accounts_department_key_e878c627_like ON public.accounts_department USING btree (key varchar_pattern_ops);
CREATE INDEX accounts_historyentry_actor_id_571b6bbc ON public.accounts_historyentry USING btree (actor_id);
CREATE INDEX accounts_membership_department_id_42e4d78d ON public.accounts_membership USING btree (department_id);
CREATE INDEX accounts_membership_user_id_487fb39e ON public.accounts_membership USING btree (user_id);
CREATE INDEX accounts_user_groups_group_id_bd11a704 ON public.accounts_user_groups USING btree (group_id);
CREATE INDEX accounts_user_groups_user_id_52b62117 ON public.accounts_user_groups USING btree (user_id);
CREATE INDEX accounts_user_user_permissions_permission_id_113bb443 ON public.accounts_user_user_permissions USING btree (permission_id);
CREATE INDEX accounts_user_user_permissions_user_id_e4f0a161 ON public.accounts_user_user_permissions USING btree (user_id);
CREATE INDEX accounts_user_username_6088629e_like ON public.accounts_user USING btree (username varchar_pattern_ops);
CREATE INDEX acknowledgement_awaited ON public.workflows_acknowledgement USING btree (user_id) WHERE (acknowledged_at IS NULL);
CREATE INDEX alert_by_time ON public.jobs_alert USING btree (raised_at DESC);
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE INDEX candidate_in_person ON public.workflows_candidate USING btree (user_id, task_id) WHERE open;
CREATE INDEX candidate_of_department ON public.workflows_candidate USING btree (department_id, task_id) WHERE open;
CREATE INDEX dependency_unmet ON public.workflows_dependency USING btree (event, key) WHERE (met_at IS NULL);
CREATE INDEX digest_by_age ON public.realtime_digest USING btree (made_at);
CREATE INDEX digest_open ON public.realtime_digest USING btree (next_at) WHERE ((state)::text = ANY ((ARRAY['made'::character varying, 'handed'::character varying])::text[]));
CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);
CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);
CREATE INDEX django_cele_date_cr_bd6c1d_idx ON public.django_celery_results_groupresult USING btree (date_created);
CREATE INDEX django_cele_date_cr_f04a50_idx ON public.django_celery_results_taskresult USING btree (date_created);
CREATE INDEX django_cele_date_do_caae0e_idx ON public.django_celery_results_groupresult USING btree (date_done);
CREATE INDEX django_cele_date_do_f59aad_idx ON public.django_celery_results_taskresult USING btree (date_done);
CREATE INDEX django_cele_periodi_1993cf_idx ON public.django_celery_results_taskresult USING btree (periodic_task_name);
CREATE INDEX django_cele_status_9b6201_idx ON public.django_celery_results_taskresult USING btree (status);
CREATE INDEX django_cele_task_na_08aec9_idx ON public.django_celery_results_taskresult USING btree (task_name);
CREATE INDEX django_cele_worker_d54dd8_idx ON public.django_celery_results_taskresult USING btree (worker);
CREATE INDEX django_celery_results_chordcounter_group_id_1f70858c_like ON public.django_celery_results_chordcounter USING btree (group_id varchar_pattern_ops);
CREATE INDEX django_celery_results_groupresult_group_id_a085f1a9_like ON public.django_celery_results_groupresult USING btree (group_id varchar_pattern_ops);
CREATE INDEX django_celery_results_taskresult_task_id_de0d95bf_like ON public.django_celery_results_taskresult USING btree (task_id varchar_pattern_ops);
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX doc_by_date ON public.documents_document USING btree (document_date, id);
CREATE INDEX doc_by_department ON public.documents_document USING btree (department_id, uploaded_at DESC, id DESC);
CREATE INDEX doc_by_dept_status ON public.documents_document USING btree (department_id, status, uploaded_at DESC, id DESC);
CREATE INDEX doc_by_priority ON public.documents_document USING btree (priority, id DESC);
CREATE INDEX doc_by_time ON public.documents_document USING btree (uploaded_at DESC, id DESC);
CREATE INDEX doc_by_title ON public.documents_document USING btree (title, id);
CREATE INDEX doc_by_uploader ON public.documents_document USING btree (uploaded_by_id, uploaded_at DESC, id DESC);
CREATE INDEX doc_failed ON public.documents_document USING btree (settled_at) WHERE ((binned_at IS NULL) AND ((status)::text = 'failed'::text));
CREATE INDEX doc_in_bin ON public.documents_document USING btree (binned_at) WHERE (binned_at IS NOT NULL);
CREATE INDEX doc_in_work ON public.documents_document USING btree (status) WHERE ((status)::text = ANY ((ARRAY['queued'::character varying, 'processing'::character varying])::text[]));
CREATE INDEX document_title_words ON public.documents_document USING gin (to_tsvector('public.documents_words'::regconfig, replace(replace(replace(public.documents_fold((title)::text), '/'::text, ' '::text), '_'::text, ' '::text), '-'::text, ' '::text)));
CREATE INDEX documents_batch_uploaded_by_id_f14c7cf2 ON public.documents_batch USING btree (uploaded_by_id);
CREATE INDEX documents_blob_sha256_5025d39a_like ON public.documents_blob USING btree (sha256 varchar_pattern_ops);
CREATE INDEX documents_document_batch_id_543b1d0a ON public.documents_document USING btree (batch_id);
CREATE INDEX documents_document_binned_by_id_72c74271 ON public.documents_document USING btree (binned_by_id);
CREATE INDEX documents_document_duplicate_of_id_f77ea283 ON public.documents_document USING btree (duplicate_of_id);
CREATE INDEX documents_document_people_document_id_64028a08 ON public.documents_document_people USING btree (document_id);
CREATE INDEX documents_document_people_user_id_a0e10d7a ON public.documents_document_people USING btree (user_id);
CREATE INDEX documents_document_source_id_ff8ac983 ON public.documents_document USING btree (source_id);
CREATE INDEX documents_idempotentrequest_created_at_34b644c6 ON public.documents_idempotentrequest USING btree (created_at);
CREATE INDEX documents_pageindex_document_id_51a9be76 ON public.documents_pageindex USING btree (document_id);
CREATE INDEX documents_refused_batch_id_61164601 ON public.documents_refused USING btree (batch_id);
CREATE INDEX documents_savedview_user_id_48baf272 ON public.documents_savedview USING btree (user_id);
CREATE INDEX documents_share_department_id_36a2e3d6 ON public.documents_share USING btree (department_id);
CREATE INDEX documents_share_document_id_98c0d205 ON public.documents_share USING btree (document_id);
CREATE INDEX documents_share_user_id_8e1d9a2b ON public.documents_share USING btree (user_id);
CREATE INDEX documents_source_default_department_id_b5f8bb68 ON public.documents_source USING btree (default_department_id);
CREATE INDEX documents_source_key_723d9c4a_like ON public.documents_source USING btree (key varchar_pattern_ops);
CREATE INDEX documents_version_blob_id_267c0bc9 ON public.documents_version USING btree (blob_id);
CREATE INDEX documents_version_blob_id_267c0bc9_like ON public.documents_version USING btree (blob_id varchar_pattern_ops);
CREATE INDEX documents_version_uploaded_by_id_837461bd ON public.documents_version USING btree (uploaded_by_id);
CREATE INDEX event_at ON public.realtime_event USING btree (at);
CREATE INDEX event_unnumbered ON public.realtime_event USING btree (id) WHERE ("position" IS NULL);
CREATE INDEX forecast_told_at ON public.jobs_forecast USING btree (told_at);
CREATE INDEX incident_open ON public.workflows_incident USING btree (opened_at) WHERE (resolved_at IS NULL);
CREATE INDEX instance_alive ON public.workflows_instance USING btree (definition_id, document_id) WHERE ((status)::text = ANY ((ARRAY['running'::character varying, 'paused'::character varying, 'incident'::character varying])::text[]));
CREATE INDEX instance_by_def ON public.workflows_instance USING btree (definition_id, started_at DESC, id DESC);
CREATE INDEX instance_by_department ON public.workflows_instance USING btree (department_id, started_at DESC, id DESC);
CREATE INDEX instance_by_time ON public.workflows_instance USING btree (started_at DESC, id DESC);
CREATE INDEX instance_finished ON public.workflows_instance USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX instance_of_document ON public.workflows_instance USING btree (document_id, started_at DESC);
CREATE INDEX instance_standing ON public.workflows_instance USING btree (status, id) WHERE ((status)::text = ANY ((ARRAY['paused'::character varying, 'incident'::character varying])::text[]));
CREATE INDEX job_claimable ON public.jobs_job USING btree (urgency, fair_rank, id) WHERE ((run_after IS NULL) AND ((state)::text = 'queued'::text));
CREATE INDEX job_dead ON public.jobs_job USING btree (id) WHERE ((state)::text = 'dead'::text);
CREATE INDEX job_done ON public.jobs_job USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX job_due_later ON public.jobs_job USING btree (run_after) WHERE ((run_after IS NOT NULL) AND ((state)::text = ANY ((ARRAY['queued'::character varying, 'failed'::character varying])::text[])));
CREATE INDEX job_leased ON public.jobs_job USING btree (lease_until) WHERE ((state)::text = 'running'::text);
CREATE INDEX job_parent ON public.jobs_job USING btree (parent_id) WHERE (parent_id IS NOT NULL);
CREATE INDEX job_subject ON public.jobs_job USING btree (subject_kind, subject_id);
CREATE INDEX job_waiting_of_owner ON public.jobs_job USING btree (owner_id, urgency, fair_rank) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'failed'::character varying])::text[]));
CREATE INDEX job_waits_for_parts ON public.jobs_job USING btree (id) WHERE ((state)::text = 'waiting'::text);
CREATE INDEX jobs_alert_acknowledged_by_id_c2a9ee0a ON public.jobs_alert USING btree (acknowledged_by_id);
CREATE INDEX jobs_death_worker_69c0d0ae_like ON public.jobs_death USING btree (worker varchar_pattern_ops);
CREATE INDEX jobs_lookout_scope_83982b4d_like ON public.jobs_lookout USING btree (scope varchar_pattern_ops);
CREATE INDEX jobs_queue_name_887c0500_like ON public.jobs_queue USING btree (name varchar_pattern_ops);
CREATE INDEX jobs_worker_id_a7b18ae8_like ON public.jobs_worker USING btree (id varchar_pattern_ops);
CREATE INDEX ledger_by_check ON public.documents_ledgerday USING btree (checked_at);
CREATE INDEX notice_by_age ON public.realtime_notice USING btree (at);
CREATE UNIQUE INDEX notice_joins ON public.realtime_notice USING btree (user_id, kind, grouped) WHERE (read_at IS NULL);
CREATE INDEX notice_list ON public.realtime_notice USING btree (user_id, serial DESC);
CREATE INDEX notice_to_mail ON public.realtime_notice USING btree (mail_at) WHERE (mail_at IS NOT NULL);
CREATE INDEX notice_unread ON public.realtime_notice USING btree (user_id, serial) WHERE (in_app AND (read_at IS NULL));
CREATE UNIQUE INDEX one_open_alert ON public.jobs_alert USING btree (name, subject) WHERE (cleared_at IS NULL);
CREATE UNIQUE INDEX one_undecided_task_by_token ON public.workflows_humantask USING btree (instance_id, token) WHERE ((state)::text = ANY ((ARRAY['open'::character varying, 'claimed'::character varying])::text[]));
CREATE INDEX page_words ON public.documents_pageindex USING gin (words);
CREATE INDEX realtime_digest_user_id_095cd741 ON public.realtime_digest USING btree (user_id);
CREATE INDEX realtime_follow_user_id_23662d25 ON public.realtime_follow USING btree (user_id);
CREATE INDEX realtime_notice_digest_id_32f44b22 ON public.realtime_notice USING btree (digest_id);
CREATE INDEX realtime_ticket_digest_375a75a4_like ON public.realtime_ticket USING btree (digest varchar_pattern_ops);
CREATE INDEX sla_clock_alive ON public.workflows_slaclock USING btree (instance_id) WHERE (NOT ((state)::text = 'stopped'::text));
CREATE INDEX step_run_by_step ON public.workflows_steprun USING btree (version_id, step, entered_at DESC);
CREATE INDEX step_run_by_time ON public.workflows_steprun USING brin (entered_at) WITH (autosummarize='on');
CREATE INDEX step_run_open ON public.workflows_steprun USING btree (version_id, step) WHERE (left_at IS NULL);
CREATE INDEX subscription_by_event ON public.workflows_subscription USING btree (event, key);
CREATE INDEX task_by_due ON public.workflows_humantask USING btree (due_at, id);
CREATE INDEX task_of_assignee ON public.workflows_humantask USING btree (assignee_id, due_at) WHERE ((state)::text = ANY ((ARRAY['open'::character varying, 'claimed'::character varying])::text[]));
CREATE INDEX task_of_department ON public.workflows_humantask USING btree (department_id, due_at, id) WHERE ((state)::text = ANY ((ARRAY['open'::character varying, 'claimed'::character varying])::text[]));
CREATE INDEX task_of_document ON public.workflows_humantask USING btree (document_id, opened_at DESC);
CREATE INDEX task_undecided ON public.workflows_humantask USING btree (due_at, id) WHERE ((state)::text = ANY ((ARRAY['open'::character varying, 'claimed'::character varying])::text[]));
CREATE INDEX task_watched ON public.workflows_humantask USING btree (id) WHERE ((state)::text = ANY ((ARRAY['open'::character varying, 'claimed'::character varying])::text[]));
CREATE INDEX timer_due ON public.workflows_timer USING btree (due_at, id) WHERE ((state)::text = 'pending'::text);
CREATE INDEX timer_of_instance ON public.workflows_timer USING btree (instance_id, token) WHERE ((state)::text = 'pending'::text);
CREATE INDEX trial_by_time ON public.workflows_trial USING btree (asked_at);
CREATE INDEX trial_of_definition ON public.workflows_trial USING btree (definition, asked_at DESC);
CREATE INDEX workflows_absence_deputy_id_8056f51c ON public.workflows_absence USING btree (deputy_id);
CREATE INDEX workflows_absence_user_id_55014e75 ON public.workflows_absence USING btree (user_id);
CREATE INDEX workflows_acknowledgement_task_id_2635ef9b ON public.workflows_acknowledgement USING btree (task_id);
CREATE INDEX workflows_acknowledgement_user_id_02c21ff1 ON public.workflows_acknowledgement USING btree (user_id);
CREATE INDEX workflows_candidate_department_id_7dfc3e0a ON public.workflows_candidate USING btree (department_id);
CREATE INDEX workflows_candidate_for_user_id_ed0ea008 ON public.workflows_candidate USING btree (for_user_id);
CREATE INDEX workflows_candidate_task_id_da3af190 ON public.workflows_candidate USING btree (task_id);
CREATE INDEX workflows_candidate_user_id_65d69436 ON public.workflows_candidate USING btree (user_id);
CREATE INDEX workflows_decision_by_id_9852af66 ON public.workflows_decision USING btree (by_id);
CREATE INDEX workflows_decision_for_user_id_1d34019d ON public.workflows_decision USING btree (for_user_id);
CREATE INDEX workflows_definition_draft_by_id_8590d834 ON public.workflows_definition USING btree (draft_by_id);
CREATE INDEX workflows_definition_key_05feafa6_like ON public.workflows_definition USING btree (key varchar_pattern_ops);
CREATE INDEX workflows_definitionversion_definition_id_9540f384 ON public.workflows_definitionversion USING btree (definition_id);
CREATE INDEX workflows_definitionversion_published_by_id_c1c78665 ON public.workflows_definitionversion USING btree (published_by_id);
CREATE INDEX workflows_dependency_instance_id_8758a8fd ON public.workflows_dependency USING btree (instance_id);
CREATE INDEX workflows_duty_department_id_b5f875a8 ON public.workflows_duty USING btree (department_id);
CREATE INDEX workflows_duty_shift_id_eadba877 ON public.workflows_duty USING btree (shift_id);
CREATE INDEX workflows_duty_user_id_99f60d3b ON public.workflows_duty USING btree (user_id);
CREATE INDEX workflows_exclusion_user_id_73b74f5c ON public.workflows_exclusion USING btree (user_id);
CREATE INDEX workflows_holiday_calendar_id_4d8fe0f0 ON public.workflows_holiday USING btree (calendar_id);
CREATE INDEX workflows_humantask_assignee_id_af4358c5 ON public.workflows_humantask USING btree (assignee_id);
CREATE INDEX workflows_humantask_completed_by_id_060ad453 ON public.workflows_humantask USING btree (completed_by_id);
CREATE INDEX workflows_humantask_department_id_dc1f3597 ON public.workflows_humantask USING btree (department_id);
CREATE INDEX workflows_humantask_instance_id_e2aa8b3e ON public.workflows_humantask USING btree (instance_id);
CREATE INDEX workflows_incident_instance_id_a12606ff ON public.workflows_incident USING btree (instance_id);
CREATE INDEX workflows_incident_resolved_by_id_3ef8e8d6 ON public.workflows_incident USING btree (resolved_by_id);
CREATE INDEX workflows_instance_parent_id_9e0a0447 ON public.workflows_instance USING btree (parent_id);
CREATE INDEX workflows_instance_started_by_id_c37e949b ON public.workflows_instance USING btree (started_by_id);
CREATE INDEX workflows_instance_version_id_409de15e ON public.workflows_instance USING btree (version_id);
CREATE INDEX workflows_keptnews_by_id_714f3d69 ON public.workflows_keptnews USING btree (by_id);
CREATE INDEX workflows_keptnews_instance_id_dec8813d ON public.workflows_keptnews USING btree (instance_id);
CREATE UNIQUE INDEX workflows_run_figures_key ON public.workflows_run_figures USING btree (days, definition_id, version_id);
CREATE INDEX workflows_shift_key_33b514c4_like ON public.workflows_shift USING btree (key varchar_pattern_ops);
CREATE INDEX workflows_slaclock_calendar_id_2eca91b7 ON public.workflows_slaclock USING btree (calendar_id);
CREATE INDEX workflows_slaclock_instance_id_b71f9754 ON public.workflows_slaclock USING btree (instance_id);
CREATE INDEX workflows_slaclock_task_id_567dd250 ON public.workflows_slaclock USING btree (task_id);
CREATE UNIQUE INDEX workflows_step_figures_key ON public.workflows_step_figures USING btree (days, definition_id, version_id, step);
CREATE INDEX workflows_subscription_instance_id_18428549 ON public.workflows_subscription USING btree (instance_id);
CREATE INDEX workflows_taskcomment_by_id_c77ff1d4 ON public.workflows_taskcomment USING btree (by_id);
CREATE INDEX workflows_taskcomment_task_id_8b6ca6e8 ON public.workflows_taskcomment USING btree (task_id);
CREATE INDEX workflows_tasklink_digest_8d25f97e_like ON public.workflows_tasklink USING btree (digest varchar_pattern_ops);
CREATE INDEX workflows_tasklink_task_id_9bf0554a ON public.workflows_tasklink USING btree (task_id);
CREATE INDEX workflows_tasklink_user_id_d9672c8a ON public.workflows_tasklink USING btree (user_id);
CREATE INDEX workflows_timer_instance_id_01fff975 ON public.workflows_timer USING btree (instance_id);
CREATE UNIQUE INDEX workflows_trend_figures_key ON public.workflows_trend_figures USING btree (grain, definition_id, point);
CREATE INDEX workflows_trial_by_id_350001fb ON public.workflows_trial USING btree (by_id);
CREATE UNIQUE INDEX workflows_work_figures_key ON public.workflows_work_figures USING btree (days, of, who);
CREATE INDEX workflows_workcalendar_key_998ef499_like ON public.workflows_workcalendar USING btree (key varchar_pattern_ops);
CREATE TRIGGER accounts_history_rows BEFORE DELETE OR UPDATE ON public.accounts_historyentry FOR EACH ROW EXECUTE FUNCTION public.accounts_history_is_append_only();
CREATE TRIGGER accounts_history_table BEFORE TRUNCATE ON public.accounts_historyentry FOR EACH STATEMENT EXECUTE FUNCTION public.accounts_history_is_append_only();
CREATE TRIGGER workflows_version_rows BEFORE DELETE OR UPDATE ON public.workflows_definitionversion FOR EACH ROW EXECUTE FUNCTION public.workflows_versions_never_change();
CREATE TRIGGER workflows_version_table BEFORE TRUNCATE ON public.workflows_definitionversion FOR EACH STATEMENT EXECUTE FUNCTION public.workflows_versions_never_change();
ALTER TABLE ONLY public.accounts_apikey_departments
    ADD CONSTRAINT accounts_apikey_depa_apikey_id_7002cad8_fk_accounts_ FOREIGN KEY (apikey_id) REFERENCES public.accounts_apikey(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_apikey_departments
    ADD CONSTRAINT accounts_apikey_depa_department_id_843a8958_fk_accounts_ FOREIGN KEY (department_id) REFERENCES public.accounts_department(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_apikey
    ADD CONSTRAINT accounts_apikey_user_id_bd902026_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_historyentry
    ADD CONSTRAINT accounts_historyentry_actor_id_571b6bbc_fk_accounts_user_id FOREIGN KEY (actor_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_membership
    ADD CONSTRAINT accounts_membership_department_id_42e4d78d_fk_accounts_ FOREIGN KEY (department_id) REFERENCES public.accounts_department(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_membership
    ADD CONSTRAINT accounts_membership_user_id_487fb39e_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_group_id_bd11a704_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_user_groups
    ADD CONSTRAINT accounts_user_groups_user_id_52b62117_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_p_permission_id_113bb443_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.accounts_user_user_permissions
    ADD CONSTRAINT accounts_user_user_p_user_id_e4f0a161_fk_accounts_ FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_batch
    ADD CONSTRAINT documents_batch_department_id_1316bf05_fk_accounts_ FOREIGN KEY (department_id) REFERENCES public.accounts_department(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_batch
    ADD CONSTRAINT documents_batch_source_id_d5d359fc_fk_documents_source_id FOREIGN KEY (source_id) REFERENCES public.documents_source(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_batch
    ADD CONSTRAINT documents_batch_uploaded_by_id_f14c7cf2_fk_accounts_user_id FOREIGN KEY (uploaded_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_batch_id_543b1d0a_fk_documents_batch_id FOREIGN KEY (batch_id) REFERENCES public.documents_batch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_binned_by_id_72c74271_fk_accounts_user_id FOREIGN KEY (binned_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_department_id_2687ca96_fk_accounts_ FOREIGN KEY (department_id) REFERENCES public.accounts_department(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_duplicate_of_id_f77ea283_fk_documents FOREIGN KEY (duplicate_of_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_newest_id_63c2ccbd_fk_documents_version_id FOREIGN KEY (newest_id) REFERENCES public.documents_version(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document_people
    ADD CONSTRAINT documents_document_p_document_id_64028a08_fk_documents FOREIGN KEY (document_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document_people
    ADD CONSTRAINT documents_document_people_user_id_a0e10d7a_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_readable_id_32e38923_fk_documents_version_id FOREIGN KEY (readable_id) REFERENCES public.documents_version(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_source_id_ff8ac983_fk_documents_source_id FOREIGN KEY (source_id) REFERENCES public.documents_source(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_document
    ADD CONSTRAINT documents_document_uploaded_by_id_cc1ba81a_fk_accounts_user_id FOREIGN KEY (uploaded_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_page
    ADD CONSTRAINT documents_page_version_id_d044ee47_fk_documents_version_id FOREIGN KEY (version_id) REFERENCES public.documents_version(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_refused
    ADD CONSTRAINT documents_refused_batch_id_61164601_fk_documents_batch_id FOREIGN KEY (batch_id) REFERENCES public.documents_batch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_savedview
    ADD CONSTRAINT documents_savedview_user_id_48baf272_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_share
    ADD CONSTRAINT documents_share_department_id_36a2e3d6_fk_accounts_ FOREIGN KEY (department_id) REFERENCES public.accounts_department(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_share
    ADD CONSTRAINT documents_share_document_id_98c0d205_fk_documents_document_id FOREIGN KEY (document_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_share
    ADD CONSTRAINT documents_share_user_id_8e1d9a2b_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_source
    ADD CONSTRAINT documents_source_default_department_i_b5f8bb68_fk_accounts_ FOREIGN KEY (default_department_id) REFERENCES public.accounts_department(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_version
    ADD CONSTRAINT documents_version_blob_id_267c0bc9_fk_documents_blob_sha256 FOREIGN KEY (blob_id) REFERENCES public.documents_blob(sha256) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_version
    ADD CONSTRAINT documents_version_document_id_2745de5b_fk_documents_document_id FOREIGN KEY (document_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.documents_version
    ADD CONSTRAINT documents_version_uploaded_by_id_837461bd_fk_accounts_user_id FOREIGN KEY (uploaded_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.jobs_alert
    ADD CONSTRAINT jobs_alert_acknowledged_by_id_c2a9ee0a_fk_accounts_user_id FOREIGN KEY (acknowledged_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.jobs_job
    ADD CONSTRAINT jobs_job_owner_id_4c884775_fk_accounts_user_id FOREIGN KEY (owner_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.jobs_job
    ADD CONSTRAINT jobs_job_parent_id_675bb714_fk_jobs_job_id FOREIGN KEY (parent_id) REFERENCES public.jobs_job(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.realtime_digest
    ADD CONSTRAINT realtime_digest_user_id_095cd741_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.realtime_follow
    ADD CONSTRAINT realtime_follow_user_id_23662d25_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.realtime_notice
    ADD CONSTRAINT realtime_notice_digest_id_32f44b22_fk_realtime_digest_id FOREIGN KEY (digest_id) REFERENCES public.realtime_digest(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.realtime_notice
    ADD CONSTRAINT realtime_notice_user_id_c89ec02a_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.realtime_noticepreferences
    ADD CONSTRAINT realtime_noticepreferences_user_id_2d20920b_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_absence
    ADD CONSTRAINT workflows_absence_deputy_id_8056f51c_fk_accounts_user_id FOREIGN KEY (deputy_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_absence
    ADD CONSTRAINT workflows_absence_user_id_55014e75_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_acknowledgement
    ADD CONSTRAINT workflows_acknowledg_task_id_2635ef9b_fk_workflows FOREIGN KEY (task_id) REFERENCES public.workflows_humantask(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_acknowledgement
    ADD CONSTRAINT workflows_acknowledgement_user_id_02c21ff1_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_candidate
    ADD CONSTRAINT workflows_candidate_department_id_7dfc3e0a_fk_accounts_ FOREIGN KEY (department_id) REFERENCES public.accounts_department(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_candidate
    ADD CONSTRAINT workflows_candidate_for_user_id_ed0ea008_fk_accounts_user_id FOREIGN KEY (for_user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_candidate
    ADD CONSTRAINT workflows_candidate_task_id_da3af190_fk_workflows_humantask_id FOREIGN KEY (task_id) REFERENCES public.workflows_humantask(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_candidate
    ADD CONSTRAINT workflows_candidate_user_id_65d69436_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_decision
    ADD CONSTRAINT workflows_decision_by_id_9852af66_fk_accounts_user_id FOREIGN KEY (by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_decision
    ADD CONSTRAINT workflows_decision_for_user_id_1d34019d_fk_accounts_user_id FOREIGN KEY (for_user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_decision
    ADD CONSTRAINT workflows_decision_task_id_2b1ff7e7_fk_workflows_humantask_id FOREIGN KEY (task_id) REFERENCES public.workflows_humantask(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_definitionversion
    ADD CONSTRAINT workflows_definition_definition_id_9540f384_fk_workflows FOREIGN KEY (definition_id) REFERENCES public.workflows_definition(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_definition
    ADD CONSTRAINT workflows_definition_draft_by_id_8590d834_fk_accounts_user_id FOREIGN KEY (draft_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_definitionversion
    ADD CONSTRAINT workflows_definition_published_by_id_c1c78665_fk_accounts_ FOREIGN KEY (published_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_definition
    ADD CONSTRAINT workflows_definition_published_id_d91875fa_fk_workflows FOREIGN KEY (published_id) REFERENCES public.workflows_definitionversion(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_dependency
    ADD CONSTRAINT workflows_dependency_instance_id_8758a8fd_fk_workflows FOREIGN KEY (instance_id) REFERENCES public.workflows_instance(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_duty
    ADD CONSTRAINT workflows_duty_department_id_b5f875a8_fk_accounts_department_id FOREIGN KEY (department_id) REFERENCES public.accounts_department(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_duty
    ADD CONSTRAINT workflows_duty_shift_id_eadba877_fk_workflows_shift_id FOREIGN KEY (shift_id) REFERENCES public.workflows_shift(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_duty
    ADD CONSTRAINT workflows_duty_user_id_99f60d3b_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_exclusion
    ADD CONSTRAINT workflows_exclusion_task_id_7731bd79_fk_workflows_humantask_id FOREIGN KEY (task_id) REFERENCES public.workflows_humantask(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_exclusion
    ADD CONSTRAINT workflows_exclusion_user_id_73b74f5c_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_holiday
    ADD CONSTRAINT workflows_holiday_calendar_id_4d8fe0f0_fk_workflows FOREIGN KEY (calendar_id) REFERENCES public.workflows_workcalendar(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_humantask
    ADD CONSTRAINT workflows_humantask_assignee_id_af4358c5_fk_accounts_user_id FOREIGN KEY (assignee_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_humantask
    ADD CONSTRAINT workflows_humantask_completed_by_id_060ad453_fk_accounts_ FOREIGN KEY (completed_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_humantask
    ADD CONSTRAINT workflows_humantask_department_id_dc1f3597_fk_accounts_ FOREIGN KEY (department_id) REFERENCES public.accounts_department(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_humantask
    ADD CONSTRAINT workflows_humantask_document_id_f991c6a1_fk_documents FOREIGN KEY (document_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_humantask
    ADD CONSTRAINT workflows_humantask_instance_id_e2aa8b3e_fk_workflows FOREIGN KEY (instance_id) REFERENCES public.workflows_instance(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_incident
    ADD CONSTRAINT workflows_incident_instance_id_a12606ff_fk_workflows FOREIGN KEY (instance_id) REFERENCES public.workflows_instance(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_incident
    ADD CONSTRAINT workflows_incident_resolved_by_id_3ef8e8d6_fk_accounts_user_id FOREIGN KEY (resolved_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_instance
    ADD CONSTRAINT workflows_instance_definition_id_e0761833_fk_workflows FOREIGN KEY (definition_id) REFERENCES public.workflows_definition(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_instance
    ADD CONSTRAINT workflows_instance_department_id_6b106c5c_fk_accounts_ FOREIGN KEY (department_id) REFERENCES public.accounts_department(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_instance
    ADD CONSTRAINT workflows_instance_document_id_c3c81c0c_fk_documents FOREIGN KEY (document_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_instance
    ADD CONSTRAINT workflows_instance_parent_id_9e0a0447_fk_workflows_instance_id FOREIGN KEY (parent_id) REFERENCES public.workflows_instance(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_instance
    ADD CONSTRAINT workflows_instance_started_by_id_c37e949b_fk_accounts_user_id FOREIGN KEY (started_by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_instance
    ADD CONSTRAINT workflows_instance_version_id_409de15e_fk_workflows FOREIGN KEY (version_id) REFERENCES public.workflows_definitionversion(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_keptnews
    ADD CONSTRAINT workflows_keptnews_by_id_714f3d69_fk_accounts_user_id FOREIGN KEY (by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_keptnews
    ADD CONSTRAINT workflows_keptnews_instance_id_dec8813d_fk_workflows FOREIGN KEY (instance_id) REFERENCES public.workflows_instance(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_routing
    ADD CONSTRAINT workflows_routing_document_id_76b98bbc_fk_documents_document_id FOREIGN KEY (document_id) REFERENCES public.documents_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_slaclock
    ADD CONSTRAINT workflows_slaclock_calendar_id_2eca91b7_fk_workflows FOREIGN KEY (calendar_id) REFERENCES public.workflows_workcalendar(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_slaclock
    ADD CONSTRAINT workflows_slaclock_instance_id_b71f9754_fk_workflows FOREIGN KEY (instance_id) REFERENCES public.workflows_instance(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_slaclock
    ADD CONSTRAINT workflows_slaclock_task_id_567dd250_fk_workflows_humantask_id FOREIGN KEY (task_id) REFERENCES public.workflows_humantask(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_steprun
    ADD CONSTRAINT workflows_steprun_instance_id_3fef7275_fk_workflows_instance_id FOREIGN KEY (instance_id) REFERENCES public.workflows_instance(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_steprun
    ADD CONSTRAINT workflows_steprun_version_id_139d7102_fk_workflows FOREIGN KEY (version_id) REFERENCES public.workflows_definitionversion(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_subscription
    ADD CONSTRAINT workflows_subscripti_instance_id_18428549_fk_workflows FOREIGN KEY (instance_id) REFERENCES public.workflows_instance(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_taskcomment
    ADD CONSTRAINT workflows_taskcommen_task_id_8b6ca6e8_fk_workflows FOREIGN KEY (task_id) REFERENCES public.workflows_humantask(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_taskcomment
    ADD CONSTRAINT workflows_taskcomment_by_id_c77ff1d4_fk_accounts_user_id FOREIGN KEY (by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_tasklink
    ADD CONSTRAINT workflows_tasklink_task_id_9bf0554a_fk_workflows_humantask_id FOREIGN KEY (task_id) REFERENCES public.workflows_humantask(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_tasklink
    ADD CONSTRAINT workflows_tasklink_user_id_d9672c8a_fk_accounts_user_id FOREIGN KEY (user_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_timer
    ADD CONSTRAINT workflows_timer_instance_id_01fff975_fk_workflows_instance_id FOREIGN KEY (instance_id) REFERENCES public.workflows_instance(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.workflows_trial
    ADD CONSTRAINT workflows_trial_by_id_350001fb_fk_accounts_user_id FOREIGN KEY (by_id) REFERENCES public.accounts_user(id) DEFERRABLE INITIALLY DEFERRED;
REFRESH MATERIALIZED VIEW public.workflows_run_figures;
REFRESH MATERIALIZED VIEW public.workflows_step_figures;
REFRESH MATERIALIZED VIEW public.workflows_trend_figures;
REFRESH MATERIALIZED VIEW public.workflows_work_figures;
INSERT INTO public.django_migrations (app, name, applied) VALUES
('contenttypes', '0001_initial', now()),
('contenttypes', '0002_remove_content_type_name', now()),
('auth', '0001_initial', now()),
('auth', '0002_alter_permission_name_max_length', now()),
('auth', '0003_alter_user_email_max_length', now()),
('auth', '0004_alter_user_username_opts', now()),
('auth', '0005_alter_user_last_login_null', now()),
('auth', '0006_require_contenttypes_0002', now()),
('auth', '0007_alter_validators_add_error_messages', now()),
('auth', '0008_alter_user_username_max_length', now()),
('auth', '0009_alter_user_last_name_max_length', now()),
('auth', '0010_alter_group_name_max_length', now()),
('auth', '0011_update_proxy_permissions', now()),
('auth', '0012_alter_user_first_name_max_length', now()),
('accounts', '0001_initial', now()),
('accounts', '0002_seals', now()),
('accounts', '0003_append_only_history', now()),
('admin', '0001_initial', now()),
('admin', '0002_logentry_remove_auto_add', now()),
('admin', '0003_logentry_add_action_flag_choices', now()),
('django_celery_results', '0001_initial', now()),
('django_celery_results', '0002_add_task_name_args_kwargs', now()),
('django_celery_results', '0003_auto_20181106_1101', now()),
('django_celery_results', '0004_auto_20190516_0412', now()),
('django_celery_results', '0005_taskresult_worker', now()),
('django_celery_results', '0006_taskresult_date_created', now()),
('django_celery_results', '0007_remove_taskresult_hidden', now()),
('django_celery_results', '0008_chordcounter', now()),
('django_celery_results', '0009_groupresult', now()),
('django_celery_results', '0010_remove_duplicate_indices', now()),
('django_celery_results', '0011_taskresult_periodic_task_name', now()),
('django_celery_results', '0012_taskresult_date_started', now()),
('django_celery_results', '0013_taskresult_django_cele_periodi_1993cf_idx', now()),
('django_celery_results', '0014_alter_taskresult_status', now()),
('documents', '0001_initial', now()),
('documents', '0002_search', now()),
('documents', '0003_words', now()),
('documents', '0005_failed', now()),
('documents', '0006_ledger', now()),
('documents', '0007_saved_views', now()),
('documents', '0008_ledger_words', now()),
('documents', '0009_sharing', now()),
('documents', '0010_remembered', now()),
('documents', '0011_indexes_by_use', now()),
('documents', '0012_batch_place', now()),
('jobs', '0001_initial', now()),
('jobs', '0002_queues', now()),
('jobs', '0003_parts', now()),
('jobs', '0007_minutes', now()),
('jobs', '0004_turns', now()),
('jobs', '0008_alerts', now()),
('jobs', '0009_forecasts', now()),
('jobs', '0010_no_clock', now()),
('jobs', '0011_deaths', now()),
('jobs', '0012_analyzed_by_share', now()),
('realtime', '0001_initial', now()),
('realtime', '0002_numbering', now()),
('realtime', '0004_notices', now()),
('realtime', '0005_ticket_stays', now()),
('realtime', '0006_notices_by_their_list', now()),
('sessions', '0001_initial', now()),
('workflows', '0001_initial', now()),
('workflows', '0002_people', now()),
('workflows', '0003_waiting', now()),
('workflows', '0004_people_by_mail', now()),
('workflows', '0005_pauses', now()),
('workflows', '0006_question_ml', now()),
('workflows', '0007_versions_never_change', now()),
('workflows', '0008_figures', now()),
('workflows', '0009_unattended', now()),
('workflows', '0010_work_figures', now()),
('workflows', '0011_names', now()),
('workflows', '0012_words', now()),
('workflows', '0013_trials', now()),
('workflows', '0014_indexes_by_use', now()),
('workflows', '0015_quick_figures', now());
COMMENT ON TABLE public.django_migrations IS '053a43ad840fff2f75aa0bb5cc3a70fe767f9e46ef92e895109ffb12bfabed79';
