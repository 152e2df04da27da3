/** The seller accounts of an installation: {@code ./metering account}. */
@NullMarked
package io.hourledger.cli.account;

import org.jspecify.annotations.NullMarked;
