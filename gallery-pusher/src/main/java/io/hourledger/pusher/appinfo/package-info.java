/** What an app says of its instances to their buyers: where to log in and as whom, and what stands there until the app has said it. */
@NullMarked
package io.hourledger.pusher.appinfo;

import org.jspecify.annotations.NullMarked;
