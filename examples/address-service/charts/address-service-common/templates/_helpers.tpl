{{- define "address-service-common.serviceName" -}}
{{- .Values.service.name }}
{{- end }}

{{/* Only the application's name: the Service reaches both colours, the mesh tells them apart. */}}
{{- define "address-service-common.selectorLabels" -}}
app.kubernetes.io/name: {{ include "address-service-common.serviceName" . }}
{{- end }}
