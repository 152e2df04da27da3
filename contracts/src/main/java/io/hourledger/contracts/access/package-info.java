/** Who may send usage: API keys, what each may write, and the form in which ingest is told of them. */
@NullMarked
package io.hourledger.contracts.access;

import org.jspecify.annotations.NullMarked;
