/** What an instance is, what it decides and how its events change it: plain functions, without clock, database or framework. */
@NullMarked
package io.hourledger.ledger.instance;

import org.jspecify.annotations.NullMarked;
