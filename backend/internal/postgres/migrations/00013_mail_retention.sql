-- +goose Up
-- When the first mail of an incident was sent, once the mail itself is forgotten.
alter table incidents add column mailed_at timestamptz;
