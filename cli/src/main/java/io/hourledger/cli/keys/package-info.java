/** Makes, shows, rotates and ends the API keys with which apps send usage. */
@NullMarked
package io.hourledger.cli.keys;

import org.jspecify.annotations.NullMarked;
