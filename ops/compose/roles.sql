-- Databases and roles of the services, none a superuser. Run once by psql, when PostgreSQL's volume is new.
\set ON_ERROR_STOP on
\set ledger_password `cat /run/secrets/ledger.password`
\set gallery_password `cat /run/secrets/gallery.password`

create role hourledger login password :'ledger_password' nosuperuser nocreatedb nocreaterole;
create database hourledger owner hourledger;
revoke all on database hourledger from public;

-- The simulator's: nobody who stands in for the marketplace sees the ledger.
create role gallery login password :'gallery_password' nosuperuser nocreatedb nocreaterole;
create database gallery owner gallery;
revoke all on database gallery from public;
