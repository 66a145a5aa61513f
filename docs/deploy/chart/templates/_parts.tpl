{{- /* The environment of every part; of a dictionary with the chart's own scope as "at". */ -}}
{{- define "portevoix.environment" -}}
{{- $ := .at -}}
- {name: PORTEVOIX_SETTINGS_FILE, value: /etc/portevoix/portevoix.toml}
- {name: PORTEVOIX_DATA_DIR, value: /var/lib/portevoix/data}
- {name: PORTEVOIX_KEYS_DIR, value: /var/lib/portevoix-keys}
- {name: PORTEVOIX_PUBLIC_URL, value: {{ $.Values.publicUrl | quote }}}
- {name: PORTEVOIX_WEB__HOST, value: 0.0.0.0}
- {name: PORTEVOIX_WEB__TRUSTED_PROXIES, value: "1"}
- {name: PORTEVOIX_MEDIA__STORE, value: s3}
- {name: PORTEVOIX_MEDIA__ENDPOINT, value: {{ $.Values.media.endpoint | quote }}}
- {name: PORTEVOIX_MEDIA__BUCKET, value: {{ $.Values.media.bucket | quote }}}
- {name: PORTEVOIX_MEDIA__PREFIX, value: {{ $.Values.media.prefix | quote }}}
{{- range $name, $key := dict "DATABASE_URL" "database-url" "REDIS_URL" "redis-url" "MEDIA__ACCESS_KEY" "s3-access-key" "MEDIA__SECRET_KEY" "s3-secret-key" }}
- name: PORTEVOIX_{{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $.Values.existingSecret }}, key: {{ $key }}}}
{{- end }}
{{- with $.Values.extraEnv }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end -}}

{{- define "portevoix.secured" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}
