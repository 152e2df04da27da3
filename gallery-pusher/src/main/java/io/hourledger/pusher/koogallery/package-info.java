/** KooGallery on the wire: its JSON, its signatures, its HTTP, and what its answers mean. Nothing else here knows them. */
@NullMarked
package io.hourledger.pusher.koogallery;

import org.jspecify.annotations.NullMarked;
