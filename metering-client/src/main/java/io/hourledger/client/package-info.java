/** What an app links to send its usage: recorded at the call, on disk if a folder is given, and sent in batches under one id. */
@NullMarked
package io.hourledger.client;

import org.jspecify.annotations.NullMarked;
