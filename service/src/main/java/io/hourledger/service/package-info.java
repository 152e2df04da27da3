/** What all services are as processes, said once: web server, health, metrics, business clock, operator's token, catalogue. */
@NullMarked
package io.hourledger.service;

import org.jspecify.annotations.NullMarked;
