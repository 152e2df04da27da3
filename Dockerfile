# One service: --build-arg MODULE=metering-ingest; what is run is its main class, the container's command.
FROM maven:3.9-eclipse-temurin-25 AS build
ARG MODULE
WORKDIR /source
COPY . .
RUN mvn -B -ntp -DskipTests -pl "${MODULE}" -am package dependency:copy-dependencies -DincludeScope=runtime \
 && mkdir /app \
 && cp "${MODULE}"/target/dependency/*.jar "${MODULE}"/target/"${MODULE}"*.jar /app/

FROM eclipse-temurin:25-jre-alpine
RUN adduser -S -H hourledger
USER hourledger
COPY --from=build /app /app
# No shell in between: it would drop settings whose names have dots, and swallow the signal to stop.
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-XX:MaxRAMPercentage=60", "-Daxoniq.update-checker.disabled=true", "-cp", "/app/*"]
