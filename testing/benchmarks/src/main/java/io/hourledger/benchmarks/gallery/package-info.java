/** What the pusher makes of a marketplace that is limited, slow, and refuses without saying why. */
@NullMarked
package io.hourledger.benchmarks.gallery;

import org.jspecify.annotations.NullMarked;
