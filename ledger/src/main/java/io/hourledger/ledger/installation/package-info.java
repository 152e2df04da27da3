/** Which database may act: an installation's incarnations, drawn in its database and in order in the journal. */
@NullMarked
package io.hourledger.ledger.installation;

import org.jspecify.annotations.NullMarked;
