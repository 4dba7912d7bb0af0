"""The two functions of the client wall: the only things its database role may do.

They run with the rights of their owner, the application's role; so the search path is pinned and nobody but the
owner may call them until `prepare` grants exactly these two to the portal's role.
"""

from django.db import migrations

READ = """
CREATE OR REPLACE FUNCTION {schema}.portal_read(token_digest text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $body$
    SELECT jsonb_build_object(
        'public_id', link.public_id,
        'purpose', link.purpose,
        'kind', publication.kind,
        'language', link.language,
        'name', link.recipient_name,
        'expires_at', link.expires_at,
        'payload', publication.payload,
        'sha256', publication.sha256,
        'sent_at', (SELECT max(submission.received_at) FROM {schema}.portal_submission submission
                    WHERE submission.link_id = link.id)
    )
    FROM {schema}.portal_link link
    JOIN {schema}.portal_publication publication ON publication.id = link.publication_id
    WHERE link.digest = token_digest
      AND link.revoked_at IS NULL
      AND link.expires_at > now()
      AND publication.withdrawn_at IS NULL
$body$
"""

# An empty payload is the beacon: somebody has the page open. A repeated key changes nothing and says so.
# The row lock keeps the submissions of one link in order; the limits bound what a link's holder can store.
SUBMIT = """
CREATE OR REPLACE FUNCTION {schema}.portal_submit(token_digest text, submission_key text, sent jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp
AS $body$
DECLARE
    found_link bigint;
    new_submission bigint;
BEGIN
    SELECT link.id INTO found_link
    FROM {schema}.portal_link link
    JOIN {schema}.portal_publication publication ON publication.id = link.publication_id
    WHERE link.digest = token_digest
      AND link.revoked_at IS NULL
      AND link.expires_at > now()
      AND publication.withdrawn_at IS NULL
    FOR UPDATE OF link;
    IF found_link IS NULL THEN
        RETURN jsonb_build_object('state', 'unknown');
    END IF;
    IF sent IS NOT NULL THEN
        IF submission_key IS NULL OR length(submission_key) NOT BETWEEN 1 AND 64
           OR jsonb_typeof(sent) <> 'object' OR octet_length(sent::text) > 65536 THEN
            RETURN jsonb_build_object('state', 'refused');
        END IF;
        IF (SELECT count(*) FROM {schema}.portal_submission submission WHERE submission.link_id = found_link) >= 1000 THEN
            RETURN jsonb_build_object('state', 'full');
        END IF;
        INSERT INTO {schema}.portal_submission (link_id, idempotency_key, payload, received_at, taken_at, attempts, problem)
        VALUES (found_link, submission_key, sent, clock_timestamp(), NULL, 0, '')
        ON CONFLICT (link_id, idempotency_key) DO NOTHING
        RETURNING id INTO new_submission;
        IF new_submission IS NULL THEN
            RETURN jsonb_build_object('state', 'again');
        END IF;
    ELSIF (SELECT views FROM {schema}.portal_link WHERE id = found_link) >= 10000 THEN
        RETURN jsonb_build_object('state', 'seen');
    END IF;
    INSERT INTO {schema}.portal_linkview (link_id, seen_at, sent) VALUES (found_link, clock_timestamp(), sent IS NOT NULL);
    UPDATE {schema}.portal_link
    SET views = views + 1, first_used_at = coalesce(first_used_at, clock_timestamp()), last_used_at = clock_timestamp()
    WHERE id = found_link;
    IF sent IS NULL THEN
        RETURN jsonb_build_object('state', 'seen');
    END IF;
    RETURN jsonb_build_object('state', 'taken', 'submission', new_submission);
END
$body$
"""

SIGNATURES = ("portal_read(text)", "portal_submit(text, text, jsonb)")


def create(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        schema = cursor.fetchone()[0]
        for definition in (READ, SUBMIT):
            cursor.execute(definition.replace("{schema}", schema))
        for signature in SIGNATURES:
            cursor.execute(f"REVOKE ALL ON FUNCTION {schema}.{signature} FROM PUBLIC")


def drop(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for signature in SIGNATURES:
            cursor.execute(f"DROP FUNCTION IF EXISTS {signature}")


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
