{{- define "portevoix.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}-portevoix
{{- end -}}

{{- define "portevoix.labels" -}}
app.kubernetes.io/name: portevoix
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}
