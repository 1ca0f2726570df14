-- +goose Up
-- What the operator set for one account; null is the service's quota, 0 none.
alter table accounts
    add column max_targets  integer check (max_targets between 0 and 1000000),
    add column max_monitors integer check (max_monitors between 0 and 1000000),
    add column max_contacts integer check (max_contacts between 0 and 1000000);
