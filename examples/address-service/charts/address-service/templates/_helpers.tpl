{{- define "address-service.name" -}}
{{- .Chart.Name }}
{{- end }}

{{- define "address-service.version" -}}
{{- .Values.appVersion | default .Chart.AppVersion }}
{{- end }}

{{- define "address-service.selectorLabels" -}}
app.kubernetes.io/name: {{ include "address-service.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The colours' pods are selected apart from each other. */}}
{{- define "address-service.selectorLabelsWithDeploymentType" -}}
{{ include "address-service.selectorLabels" . }}
app.vividcode.io/deployment-type: {{ .Values.deploymentType | quote }}
{{- end }}

{{- define "address-service.nameWithDeploymentType" -}}
{{- printf "%s-%s" (include "address-service.name" .) .Values.deploymentType }}
{{- end }}
