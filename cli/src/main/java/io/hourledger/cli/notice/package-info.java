/** Shows the notices that an app's endpoint did not take, and sends them again. */
@NullMarked
package io.hourledger.cli.notice;

import org.jspecify.annotations.NullMarked;
