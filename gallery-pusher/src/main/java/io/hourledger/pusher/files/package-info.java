/**
 * Files that the marketplace's seller console exports: the usage records that it rejected, and its monthly bill. They are read, and
 * compared with the ledger record by record (koogallery.md, section 3). No API of the marketplace tells any of this.
 */
@NullMarked
package io.hourledger.pusher.files;

import org.jspecify.annotations.NullMarked;
