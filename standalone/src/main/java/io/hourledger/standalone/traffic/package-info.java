/** What a demo is fed with: a web server's access log or a generated day, each read line by line, always the same, with its own truth. */
@NullMarked
package io.hourledger.standalone.traffic;

import org.jspecify.annotations.NullMarked;
