package io.hourledger.pusher.notice;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The database over one pool of connections. What is to be one transaction takes both from here. */
record NoticeDatabase(JdbcClient jdbc, TransactionTemplate transaction) {}
