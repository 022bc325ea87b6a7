// The shell function that names the pipelines of a project: a look at its folders, since nobody waits for a program while typing.

/** For sh, bash and zsh. A pipeline has the name of its folder, as the examples do; one that has another is not offered. */
export const FIND_PIPELINES = `_sluice_pipelines() {
  local folder file
  for folder in "\${SLUICE_PROJECT:-.}"/pipelines/*/; do
    for file in pipeline.ts pipeline.js; do
      if [ -e "$folder$file" ]; then folder=\${folder%/}; printf '%s\\n' "\${folder##*/}"; break; fi
    done
  done
}`
