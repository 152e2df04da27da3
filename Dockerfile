# One service: --build-arg MODULE=metering-ingest; what is run is its main class, the container's command. All are built in one stage,
# which is the same for every module, so it runs once. A release pins both base images by digest.
FROM maven:3.9-eclipse-temurin-25 AS build
ARG COMMIT=unknown
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/maven \
    mvn -Pbill-of-materials -Dmaven.repo.local=/maven -B -ntp -DskipTests -Dspotless.check.skip=true -Dbuild.commit="${COMMIT}" \
        -pl metering-ingest,billing-aggregator,gallery-pusher,console,gallery-simulator,cli -am \
        package dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=target/lib \
 && for module in metering-ingest billing-aggregator gallery-pusher console gallery-simulator cli; do \
      mkdir -p "/app/$module/own" "/app/$module/lib" \
      && mv "$module"/target/lib/* "/app/$module/lib/" \
      && rm -f "$module"/target/*-tests.jar \
      && cp "$module"/target/"$module"*.jar "/app/$module/own/"; \
    done

FROM eclipse-temurin:25-jre-alpine
ARG MODULE
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="${MODULE}" org.opencontainers.image.revision="${COMMIT}" org.opencontainers.image.licenses="Apache-2.0"
RUN adduser -S -H -u 10001 hourledger
# What others wrote changes seldom: a layer of its own.
COPY --from=build /app/${MODULE}/lib /app/lib
COPY --from=build /app/${MODULE}/own /app/own
COPY ops/image/java.options /app/java.options
USER 10001
# No shell in between: it would drop settings whose names have dots, and swallow the signal to stop.
ENTRYPOINT ["java", "@/app/java.options"]
