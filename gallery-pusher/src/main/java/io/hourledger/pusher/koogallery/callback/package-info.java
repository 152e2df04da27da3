/** What KooGallery calls us for: verified over the bytes as they came, kept before it is answered, done once however often it is called. */
@NullMarked
package io.hourledger.pusher.koogallery.callback;

import org.jspecify.annotations.NullMarked;
