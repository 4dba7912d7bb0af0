-- The application's role owns its database and nothing else; the portal's role may connect and, later, call two
-- functions. Neither is a superuser. Used by the embedded start and by docker-compose; may run again at any time.
\set ON_ERROR_STOP on
\getenv app_password SAM_DB_PASSWORD
\getenv portal_password SAM_PORTAL_DB_PASSWORD

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['sam', 'sam_portal']) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) \gexec

ALTER ROLE sam LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app_password';
ALTER ROLE sam_portal LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT
    PASSWORD :'portal_password';

SELECT 'CREATE DATABASE sam OWNER sam'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'sam') \gexec

REVOKE ALL ON DATABASE sam FROM PUBLIC;
GRANT CONNECT ON DATABASE sam TO sam_portal;
