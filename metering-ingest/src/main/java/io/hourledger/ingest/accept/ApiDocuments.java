package io.hourledger.ingest.accept;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the OpenAPI document and the schema that it refers to, as they lie in the contracts. Nobody needs a key to read them. */
@RestController
final class ApiDocuments {

    @GetMapping("/openapi/metering-ingest.yaml")
    ResponseEntity<Resource> openApi() {
        return document("openapi/metering-ingest.yaml", MediaType.APPLICATION_YAML);
    }

    @GetMapping("/schemas/usage-event.schema.json")
    ResponseEntity<Resource> schema() {
        return document("schemas/usage-event.schema.json", MediaType.APPLICATION_JSON);
    }

    private static ResponseEntity<Resource> document(String path, MediaType type) {
        return ResponseEntity.ok().contentType(type).body(new ClassPathResource(path));
    }
}
