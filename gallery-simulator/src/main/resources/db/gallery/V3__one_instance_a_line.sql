drop index gallery.instance_of_line;
create unique index instance_of_line on gallery.instance (order_line_id);
comment on index gallery.instance_of_line is 'One order line is one instance, whatever a seller answers to repeated calls.';
