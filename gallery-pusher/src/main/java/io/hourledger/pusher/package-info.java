/** The gallery-pusher: usage records out to KooGallery, lifecycle callbacks in. */
@NullMarked
package io.hourledger.pusher;

import org.jspecify.annotations.NullMarked;
