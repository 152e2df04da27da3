alter table gallery.order_line add column package_for text[] not null default '{}';
alter table gallery.instance add column package_for text[] not null default '{}';
comment on column gallery.instance.package_for is
    'The pay-per-use products whose usage a stop-when-used-up package covers; empty = all of the buyer.';
