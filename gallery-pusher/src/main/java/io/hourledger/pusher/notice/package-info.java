/** Tells the app what happens to its instances: on a Kafka topic, and by signed webhooks that are sent until they are taken. */
@NullMarked
package io.hourledger.pusher.notice;

import org.jspecify.annotations.NullMarked;
